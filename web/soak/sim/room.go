package sim

import (
	"fmt"
	"slices"
)

// roomEvent is an event of the room.
type roomEvent struct {
	id      string
	key     string // "": no state event
	sender  string
	seq     int // its place in the room's order
	takings []taking
}

// taking is one time that the homeserver took a content. The first makes the
// event; an equal one that comes while the event is the room's state makes
// nothing, and is answered with its id (wire.md §9).
type taking struct {
	content int32
	by      *serverFuture // that became it
	req     *request      // that asked for it, nil for what others wrote
	at      float64
}

func (e *roomEvent) first() *taking { return &e.takings[0] }

func (e *roomEvent) last() *taking { return &e.takings[len(e.takings)-1] }

// stateOf reports whether the event is a state of the hold.
func (e *roomEvent) stateOf(k *keeper) bool {
	return slices.ContainsFunc(e.takings, func(t taking) bool { return k.stated(t.content) })
}

// stated reports whether the content is a state of the hold, not its leave.
func (k *keeper) stated(content int32) bool {
	c := &k.p.w.contents[content]
	return c.of == k && !c.leave
}

// standing is the event of the hold's state that the room has now; where another
// hold has written the same since, it is that one's.
func (k *keeper) standing() *roomEvent {
	if e := k.p.w.server.room[k.key]; e != nil && k.stated(e.last().content) {
		return e
	}
	return nil
}

// same reports whether two contents are equal, member for member.
func (w *world) same(a, b int32) bool {
	class := w.contents[a].class
	return a == b || class != 0 && class == w.contents[b].class
}

// Classes of equal contents; a content of class 0 equals no other.
const (
	plainLeave = 1 + iota // {}
	wordyLeave
	firstState // and those after it
)

// write puts an event into the room, if it is not there already, and cancels
// what the server's generation cancels by it.
func (s *server) write(key, sender string, content int32, by *serverFuture, r *request) *roomEvent {
	w := s.w
	t := taking{content, by, r, w.now}
	if e := s.room[key]; key != "" && e != nil && e.sender == sender && w.same(e.first().content, content) {
		w.tell("  ▣ %s is in the room already, as %s", w.describe(content), e.id)
		w.stats.Equal++
		if r != nil {
			r.equal++
		}
		e.takings = append(e.takings, t)
		w.taken(e, &t)
		return e
	}
	s.events++
	e := &roomEvent{id: fmt.Sprintf("$e%d", s.events), key: key, sender: sender, seq: s.events, takings: []taking{t}}
	w.tell("  ▣ %s in the room: %s by %s", e.id, w.describe(content), sender)
	if r != nil {
		r.written++
	}
	if key == "" {
		return e
	}
	s.room[key] = e
	for _, f := range append([]*serverFuture(nil), s.list...) {
		if f.key != key {
			continue
		}
		own := w.set.Server == OwnCancels || w.set.Server == June2024
		if own || sender != user {
			s.end(f, cancelled)
			w.stats.Cancelled++
		}
	}
	w.taken(e, &t)
	w.host.echo([]*roomEvent{e}, false)
	return e
}

// taken notes a state that the room has taken.
func (w *world) taken(e *roomEvent, t *taking) {
	c := &w.contents[t.content]
	if r := t.req; r != nil {
		r.became = e
	}
	switch {
	case c.of == nil:
	case c.leave:
		w.stats.Leaves++
	default:
		c.of.wrote++
		c.of.wroteVersion = max(c.of.wroteVersion, c.version)
	}
}
