package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

const (
	maxStrays = 16
	maxGhosts = 64
	// strayGraceMs lets the server send what is due before the state is sent
	// again on top of it.
	strayGraceMs = 1000
)

// stray is a leave of a hold's own that may be scheduled beside its present
// one: that of an attempt that nobody answered, or an earlier one. It is
// cancelled as soon as its id is known; until that is acknowledged it counts as
// firing, and the state is then sent again.
type stray struct {
	number     int32   // of the attempt
	ticket     *ticket // nil: the receipt has not come
	firesAt    float64 // when the state is to be sent again
	again      float64 // and once more: the request may have been late; 0: no
	cancelAt   float64
	cancelling bool
}

// ghost is a stray of a hold that has ended.
type ghost struct {
	*stray
	event protocol.Event
}

// without takes an element out of a list. It is one function for all lists of
// pointers, and those who hold the old list must not use it any more.
//
//go:noinline
func without[T any](list []*T, i int) []*T {
	copy(list[i:], list[i+1:])
	list[len(list)-1] = nil
	return list[:len(list)-1]
}

// addStray takes a leave that may be sent at the time given, or a little later.
func (h *hold) addStray(number int32, t *ticket, at float64) {
	at += strayGraceMs
	s := &stray{number: number, ticket: t, firesAt: at, again: at + h.stepMs}
	if len(h.strays) == maxStrays {
		h.strays = without(h.strays, 0)
	}
	h.strays = append(h.strays, s)
}

// dropStray forgets the stray of an attempt.
func (h *hold) dropStray(number int32) {
	for i, s := range h.strays {
		if s.number == number {
			h.strays = without(h.strays, i)
			return
		}
	}
}

// driveStrays cancels what can be and repairs what may have fired.
func (c *Client) driveStrays(now session.Now, h *hold) bool {
	for i, s := range h.strays {
		// Not before there is another: without any leave the state would stay.
		if s.ticket != nil && (h.ticket != nil || h.leaving.done) && !s.cancelling && now.Mono >= s.cancelAt {
			c.cancelStray(now, h, s)
			return true
		}
		if now.Mono >= s.firesAt {
			if h.writes > 0 {
				h.dirty = true
			}
			if s.firesAt = s.again; s.again == 0 {
				h.strays = without(h.strays, i)
			}
			s.again = 0
			return true
		}
	}
	return false
}

// nextStray is when a stray has something to do, if not before at.
func (h *hold) nextStray(now session.Now, at float64, cancels bool) float64 {
	for _, s := range h.strays {
		if s.firesAt > now.Mono {
			at = min(at, s.firesAt)
		}
		if cancels && s.ticket != nil && !s.cancelling && s.cancelAt > now.Mono {
			at = min(at, s.cancelAt)
		}
	}
	return at
}

func (c *Client) cancelStray(now session.Now, h *hold, s *stray) {
	s.cancelling = true
	c.postVerb(now, h.keeper, s.ticket, protocol.Cancel)
}

// strayCancelled takes the end of a stray's cancelling.
func (c *Client) strayCancelled(now session.Now, h *hold, id int32, err *protocol.Error) {
	for i, s := range h.strays {
		if !s.cancelling || s.ticket.id != id {
			continue
		}
		s.cancelling = false
		fate := gone
		if err != nil {
			fate = fateOf(err)
		}
		switch {
		case fate == transient:
			s.cancelAt = now.Mono + c.retry(h.keeper)
			return
		case fate == limited:
			s.cancelAt = now.Mono + retryMs(err)
			return
		case err != nil && fate != gone:
			s.ticket = nil // it cannot be cancelled: it fires
			return
		case err != nil && s.ticket.mayHaveFired(now) && h.writes > 0:
			h.dirty = true
		}
		h.strays = without(h.strays, i)
		return
	}
}

// cancelStrays asks once for all whose ids are known.
func (c *Client) cancelStrays(now session.Now, h *hold) {
	for i := 0; i < len(h.strays); i++ {
		if s := h.strays[i]; s.ticket != nil && !s.cancelling {
			c.cancelStray(now, h, s)
		}
	}
}

// bury keeps the strays of a hold that ends, for the next one of the same state.
func (c *Client) bury(now session.Now, h *hold) {
	if h.schedule.posted {
		h.addStray(h.schedule.number, nil, now.Mono+h.timeoutMs)
		h.schedule.posted = false
	}
	for _, s := range h.strays {
		if len(c.ghosts) < maxGhosts {
			s.cancelling = false
			c.ghosts = append(c.ghosts, &ghost{s, h.event})
		}
	}
	h.strays = nil
}

// takeGhosts returns the strays of earlier holds of the same state.
func (c *Client) takeGhosts(now session.Now, e *protocol.Event) (strays []*stray) {
	c.dropGhosts(now)
	for i := 0; i < len(c.ghosts); i++ {
		if g := c.ghosts[i]; sameState(&g.event, e) && len(strays) < maxStrays {
			strays = append(strays, g.stray)
			c.ghosts = without(c.ghosts, i)
			i--
		}
	}
	return strays
}

func (c *Client) dropGhosts(now session.Now) {
	for i := 0; i < len(c.ghosts); i++ {
		if g := c.ghosts[i]; max(g.firesAt, g.again) <= now.Mono {
			c.ghosts = without(c.ghosts, i)
			i--
		}
	}
}

// dropOrphan takes the late receipt of an attempt whose hold has ended: its
// leave is cancelled, by the next hold of the same state if there is one.
func (c *Client) dropOrphan(now session.Now, number int32, t *ticket) {
	for _, k := range c.keepers {
		if k.hold == nil {
			continue
		}
		for _, s := range k.hold.strays {
			if s.number == number {
				s.ticket, s.firesAt = t, now.Mono+t.timeoutMs+strayGraceMs
				return
			}
		}
	}
	c.postLast(now, t, protocol.Cancel)
	for _, g := range c.ghosts {
		if g.number == number {
			g.ticket = t
		}
	}
}

// nobody owns a request whose answer is not wanted.
const nobody = 1<<31 - 1

// postLast does a verb whose end nobody waits for.
func (c *Client) postLast(now session.Now, t *ticket, v protocol.Verb) {
	way, err := c.way(v, t)
	if err != nil || c.Status() != session.Ready && way.url == "" {
		return
	}
	p := pending{kind: RefreshFuture + CallKind(v), owner: nobody, verb: way}
	c.try(now, &p)
}
