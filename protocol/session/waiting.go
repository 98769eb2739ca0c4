package session

import "github.com/widget-futures/widget-futures/protocol"

// Request posts the request, now or when it is its turn. An error settles it at
// once: nothing was or will be posted.
func (s *Session) Request(now Now, r *Request) *protocol.Error {
	switch {
	case s.status == Closed:
		return ClosedError()
	case s.status == Failed && !s.eager(r):
		return s.failure
	}
	before := len(s.waiting) // requests that go first
	for r.Urgent && before > 0 && !s.waiting[before-1].Urgent {
		before--
	}
	if before == 0 && s.turn(r) {
		s.post(now, r)
		return nil
	}
	if len(s.waiting) >= MaxWaiting {
		return &protocol.Error{Code: protocol.CodeBusy, Message: "too many calls are waiting", Action: r.Action.Str}
	}
	w := *r
	w.Fields = append([]protocol.Field(nil), r.Fields...)
	s.waiting = append(s.waiting, w)
	copy(s.waiting[before+1:], s.waiting[before:])
	s.waiting[before] = w
	return nil
}

// turn reports whether the request may be posted now.
func (s *Session) turn(r *Request) bool {
	limit := s.limit()
	if r.Urgent {
		limit += moreUrgent
	}
	return s.opened && (s.status == Ready || s.eager(r)) && s.table.used < limit
}

// eager reports whether the request can go without a negotiation.
func (s *Session) eager(r *Request) bool { return r.Eager && s.canPost() }

func (s *Session) limit() int {
	switch {
	case s.cfg.MaxInFlight > 0:
		return s.cfg.MaxInFlight
	case s.renegotiates:
		return inFlightMany
	}
	return inFlightFew
}

func (s *Session) dropWaiting(i int) {
	if i == 0 { // the common case: the front of a long queue
		s.waiting[0] = Request{}
		s.waiting = s.waiting[1:]
		return
	}
	s.waiting = append(s.waiting[:i], s.waiting[i+1:]...)
}

// Withdraw takes back, one a call, the requests of a kind that still wait: all
// of them, or those whose note names the owner.
func (s *Session) Withdraw(kind Kind, owner int32) (Request, bool) {
	for i := range s.waiting {
		if r := s.waiting[i]; r.Kind == kind && (owner == 0 || r.Note.B == owner) {
			s.dropWaiting(i)
			return r, true
		}
	}
	return Request{}, false
}

// Pump posts what waits and may go, in order. The owner calls it at the end of
// each input: an answer's fields live in the place that the next post takes.
func (s *Session) Pump(now Now) {
	for len(s.waiting) > 0 && s.turn(&s.waiting[0]) {
		s.post(now, &s.waiting[0])
		s.dropWaiting(0)
	}
}
