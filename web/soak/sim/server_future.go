package sim

import "fmt"

// lifeOf is where a future stands.
type lifeOf int

const (
	scheduled lifeOf = iota
	fired
	sent
	cancelled
	vanished
	dropped // Synapse: it was due, or sent, while its sender's rate was used up
)

var lifeNames = [...]string{"scheduled", "fired", "sent", "cancelled", "vanished", "dropped"}

func (l lifeOf) String() string { return lifeNames[l] }

// floorMs is the shortest timeout that a hold shortens its own to.
const floorMs = 5000

// serverFuture is a future as the homeserver has it, with what the oracle knows
// of it: who asked for it, and what the page was told.
type serverFuture struct {
	id      string
	tokens  [3]string // refresh, cancel, send
	delay   float64
	key     string
	content int32
	req     *request // that scheduled it
	state   lifeOf
	began   float64 // when its timer was last started
	ended   float64
	endedBy *request
	timer   int // of the timer that counts
	overdue bool
	coming  bool // it has fired, and is not in the room yet

	receipts int     // delivered to the page
	toldGone float64 // when the page was surely told that it is gone; 0: never
	counted  bool    // among what its keeper was told
	rumoured bool    // it may have been told so, later than the client listens
	lastWall float64 // the page's clock when the last acknowledged request for it was posted
}

func (f *serverFuture) alive() bool { return f.state == scheduled }

// schedule makes a future.
func (s *server) schedule(r *request) (*reply, *refusal) {
	return s.serve(&s.message, r, func() (*reply, *refusal) {
		set := s.w.set
		switch {
		case set.FuturesOff:
			return nil, futuresOff
		case s.maxDelay > 0 && r.delay > s.maxDelay:
			form := limitForms[set.LimitForm]
			why := form.make(r.delay, s.maxDelay)
			why.soft = (form.told || form.hint) && s.maxDelay >= floorMs
			return nil, why
		}
		s.made++
		f := &serverFuture{
			id: fmt.Sprintf("syd_%04d", s.made), delay: r.delay, key: r.key, content: r.content, req: r,
			lastWall: r.wall,
		}
		for i, verb := range [3]string{"refresh", "cancel", "send"} {
			f.tokens[i] = fmt.Sprintf("%s-%04d", verb, s.made)
			s.byToken[f.tokens[i]] = f
		}
		s.byID[f.id] = f
		s.list = append(s.list, f)
		if k := s.w.contents[f.content].of; k != nil {
			k.made = append(k.made, f)
		}
		r.made = append(r.made, f)
		s.restart(f)
		s.w.tell("  ⚑ %s scheduled, %s, %gms", f.id, s.w.describe(f.content), f.delay)
		return &reply{id: f.id, group: "group-" + f.id, tokens: f.tokens}, nil
	})
}

func (s *server) restart(f *serverFuture) {
	f.began = s.w.now
	f.timer++
	timer := f.timer
	if s.w.set.Server == Forgetful {
		return
	}
	s.w.after(f.delay+s.w.draws.unit()*s.w.set.BatchMs, func() {
		if f.timer == timer && f.alive() {
			s.due(f)
		}
	})
}

// due sends a future whose timer ran out, when the server is up. It is finished
// a little before it is in the room: more than a second on a Synapse that was
// just started.
func (s *server) due(f *serverFuture) {
	if s.down > 0 {
		f.overdue = true
		return
	}
	if s.starved() {
		s.end(f, dropped)
		return
	}
	s.end(f, fired)
	s.w.stats.Fired++
	gap := s.w.draws.between(0, 40)
	if f.overdue {
		gap = s.w.draws.between(0, 1500)
	}
	f.coming = true
	s.w.after(gap, func() {
		f.coming = false
		s.write(f.key, user, f.content, f, f.req)
	})
}

// starved reports whether Synapse drops what is to be sent now: its sender's
// rate of messages is used up, and nobody tries again.
func (s *server) starved() bool {
	synapse := s.w.set.Server == Synapse || s.w.set.Server == OwnCancels
	return s.w.set.Limited && synapse && s.message.take(s.w.now) > 0
}

// end takes a future out.
func (s *server) end(f *serverFuture, how lifeOf) {
	f.state, f.ended = how, s.w.now
	for i, other := range s.list {
		if other == f {
			s.list = append(s.list[:i], s.list[i+1:]...)
			break
		}
	}
	s.w.tell("  ⚑ %s %s", f.id, how)
}

// update does a verb on a delayed event.
func (s *server) update(r *request) (*reply, *refusal) {
	return s.serve(&s.manage, r, func() (*reply, *refusal) {
		f := s.byID[r.id]
		if f == nil {
			if r.id == "" {
				return nil, unroutable
			}
			return nil, notFound
		}
		return s.act(f, r)
	})
}

// useToken does what a token stands for.
func (s *server) useToken(r *request) (*reply, *refusal) {
	return s.serve(nil, r, func() (*reply, *refusal) {
		f := s.byToken[r.id]
		if f == nil {
			return nil, spentToken
		}
		return s.act(f, r)
	})
}

func (s *server) act(f *serverFuture, r *request) (*reply, *refusal) {
	if r.reached == 0 {
		r.reached = s.w.now
	}
	if s.w.set.Server == Unreported && f.alive() && r.verb == "restart" && s.w.draws.chance(0.2) {
		s.end(f, vanished)
		return &reply{}, nil
	}
	r.alive = r.alive || f.alive() // the first of its copies tells
	if !f.alive() {
		return s.actOnFinished(f, r)
	}
	switch r.verb {
	case "restart":
		s.restart(f)
	case "cancel":
		f.endedBy = r
		s.end(f, cancelled)
	case "send":
		f.endedBy = r
		if s.starved() {
			s.end(f, dropped)
			return nil, &refusal{status: 429, errcode: "M_LIMIT_EXCEEDED", text: "Too Many Requests", retryAfterMs: 2000}
		}
		s.end(f, sent)
		s.write(f.key, user, f.content, f, r)
	}
	return &reply{}, nil
}

func (s *server) actOnFinished(f *serverFuture, r *request) (*reply, *refusal) {
	switch s.w.set.Server {
	case June2024:
		return nil, spentToken
	case Unreported:
		return &reply{}, nil
	case Merged:
		same := r.verb == "cancel" && f.state == cancelled || r.verb == "send" && (f.state == sent || f.state == fired)
		if same {
			return &reply{}, nil
		}
		return nil, finished
	}
	return nil, notFound
}

// vanish forgets every future, as a restore from a backup does.
func (s *server) vanish() {
	for len(s.list) > 0 {
		s.end(s.list[0], vanished)
	}
}

// back ends a time of being down: what fell due meanwhile goes out.
func (s *server) back() {
	if s.down--; s.down > 0 {
		return
	}
	s.upSince = s.w.now
	for _, f := range append([]*serverFuture(nil), s.list...) {
		if f.overdue && f.alive() {
			s.due(f)
		}
	}
}
