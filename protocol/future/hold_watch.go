package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// watched bounds what is remembered of the state's events.
const watched = 8

// watch is what a hold knows of the events that the host tells of. Only what
// comes after the echo of an own state counts: what a host tells before may be
// older than it.
type watch struct {
	acked  string   // the own state that was acknowledged last
	ids    []string // of own states, and of what was written in our name
	self   string   // our user id, once an own state was echoed
	before []seen   // heard while no echo had come, or a state was under way
	// doubtedAt is when the state was seen overwritten in our own name; 0 if it
	// was not. A refresh tells whether it was by our present leave.
	doubtedAt float64
}

// seen is an event of the held state.
type seen struct{ id, sender string }

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

// witness gives an event to the holds of its state.
func (c *Client) witness(now session.Now, e *protocol.Event, s seen) {
	if e.StateKey.Kind != protocol.Text || s.id == "" || s.sender == "" {
		return
	}
	for _, k := range c.keepers {
		h := k.hold
		if h == nil || k.over || h.leaving.wanted || h.writes == 0 || k.status.final() {
			continue
		}
		if h.event.RoomID.Kind == protocol.Absent {
			e.RoomID = protocol.Value{} // a host of one room
		}
		if sameState(&h.event, e) {
			c.saw(now, h, s)
		}
	}
}

// saw decides what an event on the held state means.
func (c *Client) saw(now session.Now, h *hold, s seen) {
	w := &h.watch
	switch {
	case w.echoed(s):
	case w.self != "" && s.sender != w.self:
		c.displaced(now, h)
	case w.self == "" || h.state.posted:
		if len(w.before) == watched {
			w.before = append(w.before[:0], w.before[1:]...)
		}
		w.before = append(w.before, s)
	case h.absent:
		w.own(s.id) // what is known already: the state is sent again
	default:
		w.own(s.id) // hosts tell twice
		w.doubtedAt = now.Mono
		if h.misses == 0 { // else the server has been down, and tells all pages now
			h.nextAt, h.urgent = now.Mono, true
		}
		if h.unprotected {
			c.judge(now, h, now) // there is nothing to ask
		}
	}
}

// judge takes an acknowledged refresh of a hold whose state was overwritten in
// our own name: the leave is there, so it was an earlier one, of this page or
// of one before it. Two pages that hold the same state must not go on like this.
func (c *Client) judge(now session.Now, h *hold, posted session.Now) {
	w := &h.watch
	if w.doubtedAt == 0 || posted.Mono < w.doubtedAt {
		return
	}
	w.doubtedAt = 0
	if h.mayRearm(now) {
		h.dirty, h.absent, h.state.at = true, true, now.Mono
	} else {
		c.displaced(now, h)
	}
}

// own remembers an own state.
func (w *watch) own(id string) {
	if id == "" {
		return
	}
	if len(w.ids) == watched {
		w.ids = append(w.ids[:0], w.ids[1:]...)
	}
	w.ids = append(w.ids, id)
}

// echoed reports whether the event is an own state; it tells who we are.
func (w *watch) echoed(s seen) bool {
	for _, id := range w.ids {
		if id == s.id {
			w.self = s.sender
			return true
		}
	}
	return false
}

// acknowledgedState: now that the state's id is known, what was heard before
// can be judged.
func (c *Client) acknowledgedState(now session.Now, h *hold, eventID string) {
	w := &h.watch
	w.own(eventID)
	w.acked = eventID
	before := w.before
	w.before = nil
	after := false
	for i := range before {
		if before[i].id == eventID {
			after = w.echoed(before[i])
		} else if after && !h.over {
			c.saw(now, h, before[i])
		}
	}
}

// displaced: somebody else has written the state. Nobody is fought; our leave
// must not fire on top of theirs.
func (c *Client) displaced(now session.Now, h *hold) {
	h.setAside()
	c.endHold(h, Displaced)
	h.leaving.due = now.Mono + c.cfg.Session.DeadlineMs
}

// endHold ends a hold whose state is somebody else's now.
func (c *Client) endHold(h *hold, status KeepStatus) {
	err := protocol.NewError(protocol.CodeSpent, "the hold has ended: "+KeepStatuses()[status])
	for len(h.changes) > 0 {
		c.settleChange(h, 0, err)
	}
	if !h.started && !h.leaving.mute {
		c.Fail(h.call, err)
	}
	c.takeBack(h)
	h.status, h.err = status, nil
	h.leaving.wanted, h.leaving.done = true, true
}
