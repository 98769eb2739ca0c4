package session

import "github.com/widget-futures/widget-futures/protocol"

// contentLoaded is the one content_loaded of a session. It is never sent
// twice: a host's handler throws on the second, which then gets no answer
// (matrix-widget-api ClientWidgetApi.handleContentLoadedAction).
type contentLoaded struct {
	wanted bool // by the page
	sent   bool
	done   bool
	err    *protocol.Error
	calls  line[struct{}] // of the page, waiting for its end
}

// send posts it, unless it was.
func (l *contentLoaded) send(s *Session, now Now) {
	if l.sent {
		return
	}
	l.sent = true
	s.post(now, &Request{Kind: kindContentLoaded, Action: protocol.ActContentLoaded.Value()})
}

// ContentLoaded sends content_loaded for the page's call, or joins the one that
// was sent. Where the host has begun by itself there is nothing to send.
func (s *Session) ContentLoaded(now Now, call int32) {
	switch {
	case s.status == Closed:
		s.Fail(call, ClosedError())
	case s.loaded.done:
		s.settleLoaded(call)
	case s.status == Failed && !s.canPost():
		s.Fail(call, s.failure)
	case s.asked && !s.loaded.sent && !s.cfg.ManualContentLoaded:
		s.Add(Settle, call)
	default:
		s.loaded.calls.push(call, struct{}{})
		s.loaded.wanted = true
		if s.greeted { // else greet sends it, as soon as the host can be addressed
			s.loaded.send(s, now)
		}
	}
}

func (s *Session) settleLoaded(call int32) {
	if s.loaded.err != nil {
		s.Fail(call, s.loaded.err)
	} else {
		s.Add(Settle, call)
	}
}

// contentLoadedEnded: a host that starts at the iframe's load event refuses
// content_loaded, which is no failure of a widget that sent it by default.
func (s *Session) contentLoadedEnded(a *Answer) {
	if a.Err != nil && (s.cfg.ManualContentLoaded || a.Message == nil) {
		s.loaded.err = a.Err
	}
	s.loaded.end(s)
	if s.loaded.err != nil {
		s.loaded.err.Body = protocol.Value{} // a handle is of this message only
	}
}

// end settles whoever waits for it.
func (l *contentLoaded) end(s *Session) {
	l.done = true
	for p := l.calls.first; p != nil; p = p.next {
		s.settleLoaded(p.call)
	}
	l.calls = line[struct{}]{}
}

// versionsEnded: no answer counts as a host that advertises nothing.
func (s *Session) versionsEnded(now Now, a *Answer) {
	s.versionsKnown = true
	s.revision++                // which capabilities are needed depends on it
	s.unnotified = a.Err == nil // unknown: wait for the notification
	if list, ok := protocol.Texts(a.Message, protocol.RespVersions); ok {
		s.versions = list
		for _, v := range list {
			switch v {
			case protocol.VersionNotify:
				s.unnotified = false
			case protocol.VersionRenegotiate:
				s.renegotiates = true
			}
		}
	}
	s.tellFacts(0)
	s.readyUntold(now)
	s.nextNegotiation(now)
}

// tellFacts tells the page what the host approves, if that is known, and speaks.
func (s *Session) tellFacts(approval int32) {
	fields := protocol.AppendText(nil, protocol.DialectName, s.Dialect().String())
	fields = protocol.AppendTexts(fields, protocol.Versions, s.versions)
	if s.approvalSeen {
		fields = protocol.AppendTexts(fields, protocol.Approved, s.approved)
	}
	s.AddFields(Facts, approval, fields)
}

// readyUntold: a host that never tells what it approved has asked, and that is all.
func (s *Session) readyUntold(now Now) {
	if s.asked && s.unnotified && !s.approvalSeen {
		s.become(now)
	}
}

// become makes the session ready.
func (s *Session) become(now Now) {
	if s.status == Ready || s.status == Closed {
		return
	}
	if s.status == Negotiating {
		s.Add(Settle, 0)
	}
	s.setStatus(Ready)
	s.nextNegotiation(now)
}

// hostRequest answers a toWidget request.
func (s *Session) hostRequest(now Now, action protocol.Value, message []protocol.Field) {
	switch action.Str {
	case protocol.ActSupportedVersions.String():
		s.texts(protocol.RespVersions, protocol.WidgetVersions)
	case protocol.ActCapabilities.String():
		// Not held back until the host's versions are known: its own deadline
		// for this answer runs meanwhile (wire.md §3.3).
		s.asked = true
		s.texts(protocol.RespCapabilities, s.cfg.Capabilities)
		s.readyUntold(now)
	case protocol.ActNotifyCapabilities.String():
		s.notified(now, message)
	default:
		s.hostAction = action.Str
		ours := protocol.Get(message, protocol.DataOriginalRequestID).Kind == protocol.Serial
		if protocol.Acknowledged(action.Str) || ours && action.Str == protocol.ActOpenIDCredentials.String() {
			s.acknowledge()
			return
		}
		s.refuse("Unknown or unsupported to-widget action: " + action.Str)
	}
}

// notified takes what the host approved: the whole set, each time.
func (s *Session) notified(now Now, message []protocol.Field) {
	approved, ok := protocol.Texts(message, protocol.DataApproved)
	if !ok {
		s.refuse("data.approved: must be a list of strings")
		return
	}
	s.approved = approved
	s.grants = protocol.NewGrants(approved)
	s.approvalSeen = true
	s.revision++
	s.tellFacts(1) // first: whoever hears of the notification finds it told
	s.acknowledge()
	requested, _ := protocol.Texts(message, protocol.DataRequested)
	s.negotiationNotified(requested)
	s.become(now)
	s.nextNegotiation(now)
}

// acknowledge answers {}.
func (s *Session) acknowledge() {
	s.AddField(Deliver, 0, protocol.Response, &protocol.Value{Kind: protocol.Opaque})
}

func (s *Session) refuse(message string) {
	s.AddField(Deliver, 0, protocol.RespErrorMessage, &protocol.Value{Kind: protocol.Text, Str: message})
}
