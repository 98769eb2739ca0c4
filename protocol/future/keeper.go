package future

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

const (
	// jumpMs: clocks that drift apart by more between two inputs have jumped.
	jumpMs = 2000
	// maxKeepers bounds the keepAlives and holds of a page.
	maxKeepers = 256
)

// keeper refreshes one future: that of a keepAlive, or the leave of a hold.
type keeper struct {
	serial int32
	call   int32   // the page's number for it
	hold   *hold   // nil: a keepAlive
	ticket *ticket // nil: there is no future now

	timeoutMs float64
	everyMs   float64
	attemptMs float64
	overlap   int

	asked      []float64 // when the refreshes were posted that nobody answered yet
	lastAt     float64   // when the last one was
	nextAt     float64   // when the next one is due
	quick      bool      // it is due soon, as loss asks for
	urgent     bool      // it may exceed the overlap
	misses     int       // refreshes in a row that failed
	jumped     bool      // a clock has jumped since the last acknowledgement
	refusedAt  float64   // since when it is refused what may be granted yet; 0: it is not
	endingCall int32     // of the page's own cancel or send under way

	status KeepStatus
	err    *protocol.Error // why, for the next telling
	over   bool
	told   telling
}

// telling is what the page was told last.
type telling struct {
	any     bool
	status  KeepStatus
	expires float64
	// Of the error: that it is another one is worth telling.
	code    protocol.Code
	http    int
	errcode string
}

// keeper finds a keeper by its number; nil when it has ended.
func (c *Client) keeper(serial int32) *keeper {
	if serial > 0 {
		for _, k := range c.keepers {
			if k.serial == serial {
				return k
			}
		}
	}
	return nil
}

// keeperOf finds whose future it is; 0 when it is nobody's.
func (c *Client) keeperOf(t *ticket) int32 {
	for _, k := range c.keepers {
		if k.ticket != nil && k.ticket.same(t) {
			return k.serial
		}
	}
	return 0
}

// callKeeper takes a call about a keepAlive or a hold.
func (c *Client) callKeeper(now session.Now, p *pending, args []protocol.Field) *protocol.Error {
	switch p.kind {
	case KeepAlive:
		return c.startKeepAlive(now, p.call, args)
	case HoldState:
		return c.startHold(now, p, args)
	}
	number := protocol.Get(args, protocol.HoldCall)
	for _, k := range c.keepers {
		if h := k.hold; h != nil && !k.over && number.Kind == protocol.Number && float64(k.call) == number.Num {
			if p.kind == UpdateHold {
				return c.updateHold(now, h, p, args)
			}
			c.releaseHold(now, h, p.call, p.deadlineMs)
			return nil
		}
	}
	return protocol.NewError(protocol.CodeSpent, "the hold has ended")
}

// addKeeper takes a keeper in, if there is room.
func (c *Client) addKeeper(k *keeper, call int32) *protocol.Error {
	if len(c.keepers) >= maxKeepers {
		return protocol.NewError(protocol.CodeBusy, "too many futures are kept alive")
	}
	c.lastKeeper++
	k.serial, k.call = c.lastKeeper, call
	c.keepers = append(c.keepers, k)
	return nil
}

// keep does what is due of all keepers; it ends every input.
func (c *Client) keep(now session.Now) {
	jump := math.Abs((now.Wall-c.last.Wall)-(now.Mono-c.last.Mono)) > jumpMs
	c.last = now
	if len(c.keepers) > 0 || c.steady {
		c.keepAll(now, jump)
	}
	c.end(now)
}

func (c *Client) keepAll(now session.Now, jump bool) {
	for i := 0; i < len(c.keepers); i++ { // what is done may add others
		k := c.keepers[i]
		if jump {
			k.nextAt, k.urgent, k.jumped = now.Mono, true, true
		}
		if k.hold != nil {
			c.driveHold(now, k.hold)
		} else {
			c.driveKeepAlive(now, k)
		}
		c.tell(now, k)
	}
	kept := c.keepers[:0]
	next := math.Inf(1)
	for _, k := range c.keepers {
		if k.over {
			if k.hold != nil {
				k.hold.part(now)
			}
			c.Add(session.Over, k.call)
			continue
		}
		kept = append(kept, k)
		next = min(next, c.nextOf(now, k))
	}
	clear(c.keepers[len(kept):])
	c.keepers = kept
	c.dropPlaces(now)
	if steady := len(kept) > 0; steady != c.steady {
		c.steady = steady
		on := int32(0)
		if steady {
			on = 1
		}
		c.Add(session.Steady, on)
	}
	c.WakeAt(next)
}

// nextOf is when a keeper has something to do.
func (c *Client) nextOf(now session.Now, k *keeper) float64 {
	if k.hold != nil {
		return c.wakeOf(now, k.hold)
	}
	next := c.refreshAt(now, k)
	if at := k.ticket.expires.Mono; at > now.Mono {
		next = min(next, at)
	}
	return next
}

// finish ends the keeper with a final status. A hold's number lives on after a
// failure: it can still be released.
func (k *keeper) finish(status KeepStatus, err *protocol.Error) {
	k.status, k.err = status, err
	k.over = k.hold == nil || status != Failed
}

// failKeeper takes the server's refusal of a future: it ends the keeper, unless
// that is a hold which may do without.
func (c *Client) failKeeper(now session.Now, k *keeper, err *protocol.Error) {
	if h := k.hold; h != nil && h.without && !h.unprotected {
		c.doWithout(now, h, err)
		return
	}
	c.endFailed(now, k, err)
}

// endFailed ends a keeper by an error.
func (c *Client) endFailed(now session.Now, k *keeper, err *protocol.Error) {
	h := k.hold
	if h != nil && !h.started {
		c.failStart(now, h, err)
		return
	}
	k.finish(Failed, err)
	for h != nil && len(h.changes) > 0 {
		c.settleChange(h, 0, err)
	}
}
