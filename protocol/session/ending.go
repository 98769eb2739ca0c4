package session

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
)

// Abort gives a call up. A request that was posted keeps its place, and stays
// in memory if its late answer matters.
func (s *Session) Abort(now Now, call int32) {
	if call == 0 || s.abortNegotiation(call) || s.loaded.calls.abort(call) ||
		s.waiting.rest.abort(call) || s.waiting.urgent.abort(call) {
		return
	}
	if f := s.table.of(call); f != nil {
		s.giveUp(now, f)
	}
}

// PostFailed ends a request whose posting threw: its data cannot be cloned.
func (s *Session) PostFailed(now Now, serial int32) (Answer, bool) {
	f := s.table.find(serial)
	if f == nil {
		return Answer{}, false
	}
	a := f.answer()
	given := f.given
	a.Err = &protocol.Error{
		Code: protocol.CodeInvalid, Message: "data: cannot be posted to the host", Action: f.Action.Str,
	}
	s.table.free(f)
	return a, !given && !s.own(now, &a)
}

// Expire yields the next request whose time is up, and keeps the session's own
// deadlines. Call it until it yields nothing.
func (s *Session) Expire(now Now) (Answer, bool) {
	if s.status == Closed {
		return Answer{}, false
	}
	s.armed = math.Inf(1)
	if s.status == Negotiating && now.Mono >= s.handshakeDue {
		s.fail(s.handshakeError())
	}
	if s.status == Failed {
		if r, ok := s.waiting.take(func(r *Request) bool { return !s.eager(r) }); ok {
			return Answer{Request: r, Err: s.failure}, true
		}
	}
	s.expireNegotiation(now)
	for f := s.nextFlight(); f != nil; f = s.nextFlight() {
		// Who says how many may be in flight means those that it waits for.
		if !f.forgotten && now.Mono >= f.posted.Mono+hostLife && s.cfg.MaxInFlight == 0 {
			f.forgotten = true
			s.table.forgotten++
		}
		if f.due > now.Mono {
			continue
		}
		if f.given {
			s.leave(f)
			continue
		}
		a := f.answer()
		a.Err = timeoutError(&a)
		s.giveUp(now, f)
		if !s.own(now, &a) {
			return a, true
		}
	}
	s.rearm()
	return Answer{}, false
}

// nextFlight goes through the flights; nil at their end, and then anew.
func (s *Session) nextFlight() *flight {
	for s.at < len(s.table.places) {
		f := &s.table.places[s.at]
		s.at++
		if f.serial != 0 {
			return f
		}
	}
	s.at = 0
	return nil
}

// rearm asks for the nearest wake-up there is.
func (s *Session) rearm() {
	next := math.Inf(1)
	if s.status == Negotiating {
		next = s.handshakeDue
	}
	for f := s.nextFlight(); f != nil; f = s.nextFlight() {
		next = min(next, f.due)
		if !f.forgotten && s.cfg.MaxInFlight == 0 {
			next = min(next, f.posted.Mono+hostLife)
		}
	}
	if n := s.negotiation(); n != nil {
		next = min(next, n.due)
	}
	s.WakeAt(next)
}

// Close ends the session and yields, one a call, the requests that it cuts off.
func (s *Session) Close() (Answer, bool) {
	if s.status != Closed {
		if s.status == Negotiating {
			s.Fail(0, ClosedError())
		}
		s.setStatus(Closed)
	}
	a, ok := s.cut(Now{}, true)
	if !ok {
		s.table.late = memory{}
	}
	return a, ok
}

// CutOff yields, one a call, the requests that a coming end cuts off: all but
// the urgent ones.
func (s *Session) CutOff(now Now) (Answer, bool) { return s.cut(now, false) }

func (s *Session) cut(now Now, all bool) (Answer, bool) {
	s.closeNegotiations()
	if r, ok := s.waiting.take(func(r *Request) bool { return all || !r.Urgent }); ok {
		return Answer{Request: r, Err: ClosedError()}, true
	}
	for f := s.nextFlight(); f != nil; f = s.nextFlight() {
		if !all && (f.given || f.Urgent) {
			continue
		}
		a := f.answer()
		a.Err = ClosedError()
		given := f.given
		if all {
			s.table.free(f)
		} else {
			f.Late = false
			s.giveUp(now, f)
		}
		if a.Kind >= 0 && !given {
			return a, true
		}
	}
	return Answer{}, false
}

// giveUp leaves a flight without anybody who waits for it. It keeps its place
// as long as it has one at the host; free it otherwise.
func (s *Session) giveUp(now Now, f *flight) {
	f.given, f.givenAt = true, now.Mono
	f.due = f.posted.Mono + hostLife
	if f.due > now.Mono {
		s.WakeAt(f.due)
	} else {
		s.leave(f)
	}
}

// leave frees the place of a flight that was given up.
func (s *Session) leave(f *flight) {
	if f.Late {
		s.table.late.keep(maxLate, f, f.givenAt)
	}
	s.table.free(f)
}
