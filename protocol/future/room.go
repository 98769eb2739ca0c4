package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// maxTold bounds what is remembered of the events that the host told of at a
// place, and of our own among them.
const maxTold = 16

// view is what is known of the room at a place: what the host told, in its
// order, and which of it we wrote. Everything else is made of these: who we are,
// whether our state stands there, and whose does instead.
type view struct {
	told    []seen   // the order is the room's, as far as the host keeps it
	own     []string // ids by which the server answered our writes
	written string   // the id of the last of them
	// after is from where on in told it may be newer than our last write: what
	// was told before that was posted is older.
	after int
	// sent is how many were told when our last write was posted.
	sent  int
	since float64 // when an event was told or a write answered, the latest
	// echoed: an event of this hold's was told that was new to us: the host tells
	// what becomes of the state.
	echoed bool
}

// seen is an event that the host told of.
type seen struct{ id, sender string }

// tell takes in an event that was not told before.
func (r *view) tell(now session.Now, s seen) {
	if r.index(s.id) >= 0 {
		return
	}
	if len(r.told) == maxTold {
		r.told = append(r.told[:0], r.told[1:]...)
		r.after, r.sent = max(0, r.after-1), max(0, r.sent-1)
	}
	r.told = append(r.told, s)
	r.since = now.Mono
	r.echoed = r.echoed || r.isOwn(s.id)
}

// answered takes the id by which the server answered our last write. It may be
// that of an event from before: an equal state is not written again (wire.md §9).
func (r *view) answered(now session.Now, id string) {
	r.mine(id)
	r.written, r.since = id, now.Mono
	r.echoed = r.echoed || r.index(id) >= r.after
}

// mine remembers an event as ours.
func (r *view) mine(id string) {
	if id == "" || r.isOwn(id) {
		return
	}
	if len(r.own) == maxTold {
		r.own = append(r.own[:0], r.own[1:]...)
	}
	r.own = append(r.own, id)
}

// self is who wrote an event of ours, if any was told of: it is who we are, also
// if an earlier page of ours has written it.
func (r *view) self() string {
	for i := range r.told {
		if r.isOwn(r.told[i].id) {
			return r.told[i].sender
		}
	}
	return ""
}

// posted: a write of ours is on its way. What was told before is older than it.
func (r *view) posted() { r.after, r.sent = len(r.told), len(r.told) }

// newest is the event that was told last, if it is not ours and may be newer than
// our last write. proved: it is newer, since that write was told of before it.
func (r *view) newest() (s seen, proved, ok bool) {
	last := len(r.told) - 1
	from := r.after
	if i := r.index(r.written); i >= 0 {
		from, proved = max(from, i+1), true
	}
	if last < from || r.isOwn(r.told[last].id) {
		return seen{}, false, false
	}
	return r.told[last], proved, true
}

// buried reports whether the host told of an event on top of that one which is
// not ours, and that was dealt with before this one was known to be ours.
func (r *view) buried(id string) bool {
	i, last := r.index(id), len(r.told)-1
	return i >= 0 && last > i && last >= r.sent && last < r.after && !r.isOwn(r.told[last].id)
}

// settle: what was told so far is dealt with.
func (r *view) settle() { r.after, r.written = len(r.told), "" }

func (r *view) index(id string) int {
	for i := range r.told {
		if r.told[i].id == id {
			return i
		}
	}
	return -1
}

func (r *view) isOwn(id string) bool {
	for _, own := range r.own {
		if own == id {
			return true
		}
	}
	return false
}

// heard takes the room events that a message tells of.
func (c *Client) heard(now session.Now, message []protocol.Field) {
	var e protocol.Event
	var s seen
	last := protocol.NoPath
	for i := range message {
		f := &message[i]
		if f.Path < protocol.HeardType || f.Path > protocol.HeardEventID {
			continue
		}
		if f.Path <= last {
			c.witness(now, &e, s)
			e, s = protocol.Event{}, seen{}
		}
		last = f.Path
		switch f.Path {
		case protocol.HeardType:
			e.Type = f.Value
		case protocol.HeardStateKey:
			e.StateKey = f.Value
		case protocol.HeardRoomID:
			e.RoomID = f.Value
		case protocol.HeardSender:
			s.sender = f.Str
		case protocol.HeardEventID:
			s.id = f.Str
		}
	}
	if last != protocol.NoPath {
		c.witness(now, &e, s)
	}
}

// witness notes an event where it was written.
func (c *Client) witness(now session.Now, e *protocol.Event, s seen) {
	if e.StateKey.Kind != protocol.Text || s.id == "" || s.sender == "" {
		return
	}
	for _, p := range c.places {
		if room := e.RoomID; p.event.RoomID.Kind == protocol.Absent {
			e.RoomID = protocol.Value{} // a host of one room
			if p.is(e) {
				p.room.tell(now, s)
			}
			e.RoomID = room
		} else if p.is(e) {
			p.room.tell(now, s)
		}
	}
}

// foreign reports whether somebody else wrote the event, as far as is known who
// we are. Where nothing tells that, nothing of ours was ever told of: then the
// state that our write met was an earlier page's, and so was its leave.
func (c *Client) foreign(p *place, s seen) bool {
	if self := p.room.self(); self != "" {
		c.self = self
	}
	return c.self != "" && s.sender != c.self
}
