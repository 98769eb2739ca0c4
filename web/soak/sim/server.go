package sim

import "math"

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

	maxDelay float64 // 0: none worth speaking of

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
		w: w, maxDelay: w.set.MaxDelayMs, byID: map[string]*serverFuture{}, byToken: map[string]*serverFuture{}, room: map[string]*roomEvent{},
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
func (s *server) serve(limit *bucket, r *request, do func() (*reply, *refusal)) (*reply, *refusal) {
	if s.down > 0 {
		return nil, &refusals[noBody]
	}
	if r.verb == "restart" && s.w.set.NoRestart {
		return nil, unroutable
	}
	for _, item := range s.w.faults {
		switch {
		case item.Kind == Worker && r.verb == "restart":
			s.w.stats.Refusals++
			return nil, &refusals[[2]Refusal{unknownEndpoint, noBody}[item.Count]]
		case item.Kind == Full && r.schedules():
			s.w.stats.Refusals++
			return nil, full(item.Amount)
		case item.Kind == Refuse && (r.verb != "" || !item.Verbs) && s.w.draws.chance(item.P):
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
	return s.serve(&s.message, r, func() (*reply, *refusal) {
		return &reply{event: s.write(r.key, user, r.content, nil, r).id}, nil
	})
}
