package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

const (
	// maxLeaves bounds the leaves remembered of a place, maxPlaces the places
	// that nobody holds any more.
	maxLeaves = 16
	maxPlaces = 64
	// landingMs is how long a leave may be on its way into the room after its
	// time, or after the server has called it finished (wire.md §2.5).
	landingMs = 2000
	// batchMs is how much later than its time a server may send it (MSC4140).
	batchMs = 30000
)

// place is where a hold keeps its state, and where leaves go out: a piece of a
// room's state. It outlives its holds as long as a leave may still go out on it,
// so that the next one knows. Only [place.is] and what is posted know that it is
// a type with a state key.
type place struct {
	event  protocol.Event // type, state key and room; the contents are the hold's
	holder *hold          // nil: nobody holds it any more
	leaves []*leave
	room   view
	writes int // of states that may stand there: posted, and not refused
}

// is reports whether the event is written here.
func (p *place) is(e *protocol.Event) bool {
	return p.event.Type.Str == e.Type.Str && p.event.StateKey.Str == e.StateKey.Str && p.event.RoomID.Str == e.RoomID.Str
}

// leave is one attempt to have a leave scheduled, by this hold, by one before it,
// or by an earlier page. While it is in the record it may go out.
type leave struct {
	number int32 // of the attempt, which its answers name; 0: of none of this page's
	owner  int32 // the hold that asked
	doubts int32 // its, at that moment
	state  leaveState
	ticket *ticket // of one that a receipt has named
	// by is when it has landed if it is there at all and nobody refreshes it;
	// again, how much later if the request, or the server, took its time.
	by, again float64
	cancelAt  float64 // when it may be cancelled next
}

// leaveState is what is known of a leave.
type leaveState int32

const (
	awaited    leaveState = iota // the answer to its schedule is
	unanswered                   // it was given up, or cannot be cancelled
	scheduled                    // a receipt has named it
	cancelling                   // and it is being cancelled
	cancelled                    // so the server says; what it acknowledges later counts more
	maybeFired                   // the server says that it is gone
	supposed                     // by an earlier page
)

// place finds the record of where the event is written, or begins one.
func (c *Client) place(e *protocol.Event) *place {
	for _, p := range c.places {
		if p.is(e) {
			return p
		}
	}
	p := &place{event: *e}
	p.event.Content = protocol.Value{}
	c.places = append(c.places, p)
	return p
}

// dropPlaces forgets the places where nothing is held, nothing of ours may stand
// and nothing can go out.
func (c *Client) dropPlaces(now session.Now) {
	free := 0
	for i := len(c.places) - 1; i >= 0; i-- {
		p := c.places[i]
		if p.holder != nil {
			continue
		}
		for n := 0; n < len(p.leaves); n++ {
			if p.leaves[n].by <= now.Mono {
				p.leaves = without(p.leaves, n)
				n--
			}
		}
		if free++; len(p.leaves) == 0 && p.writes == 0 || free > maxPlaces {
			c.places = without(c.places, i)
		}
	}
}

// add takes a leave in; the oldest goes where there are too many.
func (p *place) add(l *leave) *leave {
	if len(p.leaves) == maxLeaves {
		n := 0
		for i, o := range p.leaves {
			if o.state == cancelled {
				n = i
				break
			}
			if o.state != awaited && (p.holder == nil || o != p.holder.present) {
				n = i
			}
		}
		p.leaves = without(p.leaves, n)
	}
	p.leaves = append(p.leaves, l)
	return l
}

// drop takes out a leave that cannot go out any more.
func (p *place) drop(l *leave) {
	for i, o := range p.leaves {
		if o == l {
			p.leaves = without(p.leaves, i)
			return
		}
	}
}

// supposeNothing forgets what an earlier page may have left behind.
func (p *place) supposeNothing() {
	for i := 0; i < len(p.leaves); i++ {
		if p.leaves[i].state == supposed {
			p.leaves = without(p.leaves, i)
			i--
		}
	}
}

// attempt finds a leave by the number of its attempt.
func (p *place) attempt(number int32) *leave {
	for _, l := range p.leaves {
		if l.number == number {
			return l
		}
	}
	return nil
}

// leaveOf finds the record of an attempt, and where it writes.
func (c *Client) leaveOf(number int32, data []protocol.Field) (*place, *leave) {
	e := protocol.Event{
		Type: protocol.Get(data, protocol.DataType), StateKey: protocol.Get(data, protocol.DataStateKey),
		RoomID: protocol.Get(data, protocol.DataRoomID),
	}
	var there *place
	for _, p := range c.places {
		if l := p.attempt(number); l != nil {
			return p, l
		}
		if p.is(&e) {
			there = p
		}
	}
	return there, nil
}

// cancel asks the server to drop a leave.
func (c *Client) cancel(now session.Now, p *place, l *leave) {
	l.state = cancelling
	if p.holder == nil {
		c.postLast(now, l.ticket, protocol.Cancel)
		return
	}
	c.postVerb(now, p.holder.keeper, l.ticket, protocol.Cancel)
}

// cancelEnded takes the end of a leave's cancelling.
func (c *Client) cancelEnded(now session.Now, ticket int32, err *protocol.Error) {
	p, l := c.cancellingOf(ticket)
	if l == nil {
		return
	}
	l.state = scheduled
	fate := gone
	if err != nil {
		fate = fateOf(err)
	}
	switch {
	case fate == gone && err != nil && l.ticket.mayHaveFired(now):
		l.state, l.by, l.again = maybeFired, now.Mono+landingMs, 0 // it was no cancelling that ended it
	case fate == gone:
		p.drop(l)
	case fate == limited:
		l.cancelAt = now.Mono + retryMs(err)
	case fate == transient || fate == doubtful:
		if p.holder != nil { // else there is no other attempt
			l.cancelAt = now.Mono + c.retry(p.holder.keeper)
		}
	default:
		l.state = unanswered // it cannot be cancelled: it goes out
	}
}

// cancellingOf finds a leave that is being cancelled.
func (c *Client) cancellingOf(ticket int32) (*place, *leave) {
	for _, p := range c.places {
		for _, l := range p.leaves {
			if l.state == cancelling && l.ticket.id == ticket {
				return p, l
			}
		}
	}
	return nil, nil
}

// without takes an element out of a list. Those who hold the old
// list must not use it any more.
func without[T any](list []*T, i int) []*T {
	copy(list[i:], list[i+1:])
	list[len(list)-1] = nil
	return list[:len(list)-1]
}

// nobody owns a request whose answer is not wanted by a keeper.
const nobody = 1<<31 - 1

// postLast does a verb whose end no keeper waits for.
func (c *Client) postLast(now session.Now, t *ticket, v protocol.Verb) {
	way, err := c.way(v, t)
	if err != nil || c.Status() != session.Ready && way.url == "" {
		return
	}
	p := pending{kind: RefreshFuture + CallKind(v), owner: nobody, verb: way}
	c.try(now, &p)
}
