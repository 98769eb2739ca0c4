package sim

import (
	"fmt"
	"math"
)

// The names of the world. Two keys tell their owner, one does not: there a hold
// learns its own sender only from the echo of what it wrote.
const (
	roomID    = "!room:sim.test"
	user      = "@u:sim.test"
	moderator = "@mod:sim.test"
	stateType = "org.matrix.msc3401.call.member"
	plainType = "org.example.note"
	baseURL   = "https://sim.test"
)

var stateKeys = []string{"_@u:sim.test_ONE_m.call", "_@u:sim.test_TWO_m.call", "opaque-key"}

// roomEvent is an event of the room.
type roomEvent struct {
	id      string
	key     string // "": no state event
	sender  string
	content int32
	at      float64
	by      *serverFuture // that became it
	req     *request      // that asked for it, nil for what others wrote
}

// server is the homeserver.
type server struct {
	w       *world
	down    int
	byID    map[string]*serverFuture
	byToken map[string]*serverFuture
	list    []*serverFuture // those alive
	upSince float64
	room    map[string]*roomEvent
	events  int
	made    int

	manage, message bucket
}

// bucket is a rate limit.
type bucket struct{ level, at, perSecond, burst float64 }

// take reports how long to wait, 0 when the request may pass.
func (b *bucket) take(now float64) float64 {
	b.level = math.Max(0, b.level-(now-b.at)/1000*b.perSecond)
	b.at = now
	if b.level+1 > b.burst {
		return (b.level + 1 - b.burst) / b.perSecond * 1000
	}
	b.level++
	return 0
}

func newServer(w *world) *server {
	return &server{
		w: w, byID: map[string]*serverFuture{}, byToken: map[string]*serverFuture{}, room: map[string]*roomEvent{},
		// Synapse's defaults (wire.md §2.5); rc_message.
		manage:  bucket{perSecond: 1, burst: 5},
		message: bucket{perSecond: 0.2, burst: 10},
	}
}

// reply is what the server says on success.
type reply struct {
	event  string
	id     string
	group  string
	tokens [3]string
}

// serve is a request's visit to the server: what is wrong with the server comes
// first, and may come although the request took effect.
func (s *server) serve(limit *bucket, verb bool, do func() (*reply, *refusal)) (*reply, *refusal) {
	if s.down > 0 {
		return nil, &refusals[noBody]
	}
	for _, item := range s.w.faults {
		if item.Kind == Refuse && (verb || !item.Verbs) && s.w.draws.chance(item.P) {
			s.w.stats.Refusals++
			if item.After {
				do()
			}
			return nil, &refusals[item.With]
		}
	}
	if s.w.set.Limited && limit != nil {
		if wait := limit.take(s.w.now); wait > 0 {
			s.w.stats.Refusals++
			return nil, &refusal{
				status: 429, errcode: "M_LIMIT_EXCEEDED", text: "Too Many Requests",
				retryAfterMs: math.Ceil(wait), retryAfter: math.Ceil(wait / 1000),
			}
		}
	}
	return do()
}

// send writes an event for good.
func (s *server) send(r *request) (*reply, *refusal) {
	return s.serve(&s.message, false, func() (*reply, *refusal) {
		if last := s.room[r.key]; r.key != "" && last != nil && last.content == r.content && last.sender == user {
			return &reply{event: last.id}, nil // Synapse writes no state twice
		}
		return &reply{event: s.write(r.key, user, r.content, nil, r).id}, nil
	})
}

// write puts an event into the room and cancels what the server's generation
// cancels by it.
func (s *server) write(key, sender string, content int32, by *serverFuture, r *request) *roomEvent {
	s.events++
	e := &roomEvent{
		id: fmt.Sprintf("$e%d", s.events), key: key, sender: sender, content: content, at: s.w.now, by: by, req: r,
	}
	s.w.tell("  ▣ %s in the room: %s by %s", e.id, s.w.describe(content), sender)
	if key == "" {
		return e
	}
	s.room[key] = e
	for _, f := range append([]*serverFuture(nil), s.list...) {
		if f.key != key {
			continue
		}
		own := s.w.set.Server == OwnCancels || s.w.set.Server == June2024
		if own || sender != user {
			s.end(f, cancelled)
			s.w.stats.Cancelled++
		}
	}
	s.w.written(e)
	s.w.host.echo([]*roomEvent{e}, false)
	return e
}
