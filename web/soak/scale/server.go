package main

// delayed is a delayed event of the homeserver's.
type delayed struct {
	page    *page
	delay   float64
	due     float64
	pending bool // it was neither sent nor cancelled
	queued  bool // its timer is an event of the queue
}

// homeserver serves delayed events as Synapse does: `restart` begins the delay
// anew, what was sent or cancelled is not found any more, and what fell due
// while it was down goes out as soon as it is back (wire.md §2.5).
type homeserver struct {
	w       *world
	down    bool
	delayed []delayed  // by number; 0 is none
	events  int32      // written to rooms
	waiting []*request // at the door, until it is back
	bins    []int32    // requests that came to the door, by binMs
}

// arrive counts a request and serves it, or does what is done with those that
// come while the homeserver is down.
func (s *homeserver) arrive(r *request) {
	if s.w.lost() {
		s.w.free(r)
		return
	}
	bin := int(s.w.now / binMs)
	for len(s.bins) <= bin {
		s.bins = append(s.bins, 0)
	}
	s.bins[bin]++
	if !s.down {
		s.serve(r)
		return
	}
	switch s.w.set.Outage {
	case Gateway: // the proxy in front of it answers
		s.refuse(r, 502, "")
	case Refused: // what a host makes of a failed connection says nothing
		s.refuse(r, 0, "")
	case Silent: // nobody answers
		s.w.free(r)
	case Held, Cut:
		s.waiting = append(s.waiting, r)
	}
}

// serve does what the request asks for and sends the answer off.
func (s *homeserver) serve(r *request) {
	p := r.page
	switch r.what {
	case schedule:
		r.made = int32(len(s.delayed))
		s.delayed = append(s.delayed, delayed{page: p, delay: r.delay, pending: true})
		p.leaves = r.made
		s.start(r.made)
	case state:
		if !p.inRoom { // else it is the event that is there already
			s.write(p, true)
			p.againAt = s.w.now
		}
		r.made = p.event
	default:
		d := &s.delayed[r.id]
		switch {
		case !d.pending:
			r.status, r.errcode, r.refusal = 404, "M_NOT_FOUND", "Error updating delayed event"
		case r.what == restart:
			s.start(r.id)
		default:
			s.end(r.id)
		}
	}
	if s.w.lost() {
		s.w.free(r)
		return
	}
	s.w.after(leg(s.w)+hop(s.w), event{kind: answer, page: p, req: r})
}

func (s *homeserver) refuse(r *request, status int, errcode string) {
	r.status, r.errcode, r.refusal = status, errcode, "Error updating delayed event"
	s.w.after(leg(s.w)+hop(s.w), event{kind: answer, page: r.page, req: r})
}

// start begins the delay anew.
func (s *homeserver) start(n int32) {
	d := &s.delayed[n]
	if d.due = s.w.now + d.delay; !d.queued {
		d.queued = true
		s.w.at(d.due, event{kind: due, arg: n})
	}
}

func (s *homeserver) end(n int32) {
	d := &s.delayed[n]
	d.pending = false
	if d.page.leaves == n {
		d.page.leaves = 0
	}
}

// write puts the state or its leave into the room; every host that watches it
// tells its widget.
func (s *homeserver) write(p *page, present bool) {
	s.events++
	p.event, p.inRoom = s.events, present
	if s.w.set.Watched {
		s.w.after(leg(s.w)+hop(s.w), event{kind: tell, page: p, arg: p.event})
	}
}

// timer is the end of a delay, unless it has begun anew since.
func (s *homeserver) timer(n int32) {
	d := &s.delayed[n]
	d.queued = false
	switch {
	case !d.pending:
	case d.due > s.w.now:
		d.queued = true
		s.w.at(d.due, event{kind: due, arg: n})
	case !s.down:
		s.fire(n)
	}
}

func (s *homeserver) fire(n int32) {
	d := &s.delayed[n]
	s.end(n)
	s.w.leaveFired(d)
	s.write(d.page, false)
}

// back ends the outage. What is overdue goes out first; then those that wait at
// the door are all served, or all cut off, at this very moment.
func (s *homeserver) back() {
	s.down = false
	for n := range s.delayed {
		if d := &s.delayed[n]; d.pending && d.due <= s.w.now {
			s.fire(int32(n))
		}
	}
	for _, r := range s.waiting {
		if s.w.set.Outage == Held {
			s.serve(r)
		} else {
			s.refuse(r, 0, "")
		}
	}
	s.waiting = nil
}
