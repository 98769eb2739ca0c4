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
	l, before := &s.waiting.rest, s.waiting.len()
	if r.Urgent {
		l, before = &s.waiting.urgent, s.waiting.urgent.n
	}
	if (before == 0 || r.Last) && s.turn(r) {
		s.post(now, r)
		return nil
	}
	if s.waiting.len() >= MaxWaiting {
		return &protocol.Error{Code: protocol.CodeBusy, Message: "too many calls are waiting", Action: r.Action.Str}
	}
	w := *r
	w.Fields = append([]protocol.Field(nil), r.Fields...)
	l.push(r.Call, w)
	return nil
}

// waiting holds the requests that wait for a place in flight or for the
// negotiation: the urgent ones go before the rest.
type waiting struct{ urgent, rest line[Request] }

func (w *waiting) len() int { return w.urgent.n + w.rest.n }

// front returns the one that goes next, and the line that it stands in.
func (w *waiting) front() (*line[Request], *place[Request]) {
	if w.urgent.n > 0 {
		return &w.urgent, w.urgent.first
	}
	return &w.rest, w.rest.first
}

// take takes out the first one that is wanted.
func (w *waiting) take(wanted func(r *Request) bool) (Request, bool) {
	for _, l := range [...]*line[Request]{&w.urgent, &w.rest} {
		for p := l.first; p != nil; p = p.next {
			if wanted(&p.value) {
				l.drop(p)
				return p.value, true
			}
		}
	}
	return Request{}, false
}

// turn reports whether the request may be posted now.
func (s *Session) turn(r *Request) bool {
	limit := s.limit()
	if r.Urgent {
		limit += moreUrgent
	}
	free := r.Last || s.table.used-s.table.forgotten < limit
	return s.opened && (s.status == Ready || s.eager(r)) && free
}

// Room reports whether an urgent request would be posted at once. What may be
// untrue by the time of its turn is better asked for when there is room.
func (s *Session) Room() bool { return s.waiting.urgent.n == 0 && s.turn(&Request{Urgent: true}) }

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

// Withdraw takes back, one a call, the requests of a kind that still wait: all
// of them, or those whose note names the owner.
func (s *Session) Withdraw(kind Kind, owner int32) (Request, bool) {
	return s.waiting.take(func(r *Request) bool { return r.Kind == kind && (owner == 0 || r.Note.B == owner) })
}

// Pump posts what waits and may go, in order. The owner calls it at the end of
// each input: an answer's fields live in the place that the next post takes.
func (s *Session) Pump(now Now) {
	for {
		l, p := s.waiting.front()
		if p == nil || !s.turn(&p.value) {
			return
		}
		s.post(now, &p.value)
		l.drop(p)
	}
}
