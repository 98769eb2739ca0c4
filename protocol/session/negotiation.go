package session

import (
	"strings"

	"github.com/widget-futures/widget-futures/protocol"
)

// negotiation is a page's request for more capabilities (MSC2974). One runs at
// a time: hosts answer all of them by notify_capabilities, which says nothing
// of which request it ends.
type negotiation struct {
	list       []string
	deadlineMs float64 // 0: as long as the handshake may take, people are asked
	joined     bool    // was part of what the host asked for
	posted     bool
	serial     int32 // posted: of the request
	acked      bool
	notified   bool
	due        float64 // posted: when to give up
}

// RequestCapabilities asks for the capabilities and settles the call when the
// host has decided. Before the host has asked what the widget wants, they join
// that list.
func (s *Session) RequestCapabilities(now Now, call int32, list []string, deadlineMs float64) {
	if s.status == Closed {
		s.Fail(call, ClosedError())
		return
	}
	if s.status == Failed {
		s.Fail(call, s.failure)
		return
	}
	if s.negotiations.n >= MaxWaiting {
		s.Fail(call, protocol.NewError(protocol.CodeBusy, "too many calls are waiting"))
		return
	}
	if !s.asked {
		s.cfg.Capabilities = union(s.cfg.Capabilities, list)
	}
	s.negotiations.push(call, negotiation{list: list, deadlineMs: deadlineMs, joined: !s.asked, due: forever})
	s.nextNegotiation(now)
}

const forever = 1e300

// negotiation returns the first of them, nil if there is none.
func (s *Session) negotiation() *negotiation {
	if s.negotiations.n == 0 {
		return nil
	}
	return &s.negotiations.first.value
}

// nextNegotiation starts or ends what stands first, until one has to wait.
func (s *Session) nextNegotiation(now Now) {
	for n := s.negotiation(); n != nil && s.status == Ready; n = s.negotiation() {
		if n.posted {
			if !n.acked || !n.notified {
				return
			}
			s.settleNegotiation(nil)
			continue
		}
		wanted := s.unapproved(n.list)
		if n.joined && s.asked || len(wanted) == 0 {
			// The host has just decided on the first; with nothing new it notifies
			// twice (matrix-widget-api): not asked.
			s.settleNegotiation(nil)
			continue
		}
		if !s.versionsKnown {
			return
		}
		if !s.renegotiates {
			e := protocol.Unsupported("the host cannot be asked for more capabilities (MSC2974)")
			e.Hint = "pass to connect: " + strings.Join(wanted, ", ")
			s.settleNegotiation(e)
			continue
		}
		n.posted = true
		ms := n.deadlineMs
		if ms == 0 {
			ms = s.cfg.HandshakeMs
		}
		n.due = now.Mono + ms
		s.WakeAt(n.due)
		s.post(now, &Request{
			Kind: kindRenegotiate, Action: protocol.ActRequestCapabilities.Value(), DeadlineMs: n.deadlineMs,
			Fields: protocol.AppendTexts(nil, protocol.DataCapabilities, wanted),
		})
		n.serial = s.table.last
		return
	}
}

func (s *Session) unapproved(list []string) []string {
	var wanted []string
	for _, c := range list {
		if !s.grants.Has(c) {
			wanted = append(wanted, c)
		}
	}
	return union(nil, wanted)
}

// settleNegotiation ends the first of them.
func (s *Session) settleNegotiation(err *protocol.Error) {
	p := s.negotiations.first
	switch call := p.call; {
	case call == 0: // the page has given it up
	case err != nil:
		s.Fail(call, err)
	default:
		s.Add(Settle, call)
	}
	s.negotiations.drop(p)
}

// negotiationAcknowledged: the host took the request, or refused it.
func (s *Session) negotiationAcknowledged(now Now, a *Answer) {
	n := s.negotiation()
	if n == nil || n.serial != a.Serial {
		return // of one that was given up
	}
	if a.Err != nil {
		s.settleNegotiation(a.Err)
	} else {
		n.acked = true
		if p := s.negotiations.first; s.cfg.Eager && p.call != 0 {
			s.Add(Settle, p.call)
			s.negotiations.forget(p)
		}
	}
	s.nextNegotiation(now)
}

// negotiationNotified: a notification ends the running request if it speaks of
// it; one that names other capabilities is an earlier one's, or the host's own.
// One that names none says that all is approved already (matrix-widget-api
// sends it twice, the second time later); nil, the host does not say.
func (s *Session) negotiationNotified(requested []string) {
	n := s.negotiation()
	if n == nil || !n.posted {
		return
	}
	if requested == nil || len(requested) == 0 && len(s.unapproved(n.list)) == 0 {
		n.notified = true
	}
	for _, r := range requested {
		for _, c := range n.list {
			n.notified = n.notified || r == c
		}
	}
}

func (s *Session) expireNegotiation(now Now) {
	if s.status == Failed {
		for s.negotiations.n > 0 {
			s.settleNegotiation(s.failure)
		}
		return
	}
	n := s.negotiation()
	if n == nil || n.due > now.Mono {
		return
	}
	ms := n.deadlineMs
	if ms == 0 {
		ms = s.cfg.HandshakeMs
	}
	s.settleNegotiation(&protocol.Error{
		Code: protocol.CodeTimeout, Message: "the host did not decide on the capabilities in time",
		Action: protocol.ActRequestCapabilities.String(), DeadlineMs: ms,
	})
	s.nextNegotiation(now)
}

func (s *Session) abortNegotiation(call int32) bool {
	p := s.negotiations.calls[call]
	if p == nil {
		return false
	}
	if p.value.posted {
		// Its notification may still come and must not end another's.
		s.negotiations.forget(p)
		p.value.acked = true
	} else {
		s.negotiations.drop(p)
	}
	return true
}

func (s *Session) closeNegotiations() {
	for s.negotiations.n > 0 {
		s.settleNegotiation(ClosedError())
	}
	for p := s.loaded.calls.first; p != nil; p = p.next {
		s.Fail(p.call, ClosedError())
	}
	s.loaded.calls = line[struct{}]{}
}

// union appends the members of more that list does not hold.
func union(list, more []string) []string {
	for _, c := range more {
		found := false
		for _, have := range list {
			found = found || have == c
		}
		if !found {
			list = append(list, c)
		}
	}
	return list
}
