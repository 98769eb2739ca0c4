package session

import "github.com/widget-futures/widget-futures/protocol"

// absent is a member that a message does not have.
var absent protocol.Value

// Receive takes a message of the host. It yields the end of one of the owner's
// requests when the message is its answer. What is not for this widget, not of
// the host's direction, answered before or asked by nobody leaves no trace.
func (s *Session) Receive(now Now, message []protocol.Field) (Answer, bool) {
	s.hostAction = ""
	if s.status == Closed {
		return Answer{}, false
	}
	api, widget, id, action, response := &absent, &absent, &absent, &absent, &absent
	for i := range message {
		f := &message[i]
		switch f.Path {
		case protocol.API:
			api = &f.Value
		case protocol.WidgetID:
			widget = &f.Value
		case protocol.RequestID:
			id = &f.Value
		case protocol.Action:
			action = &f.Value
		case protocol.Response:
			response = &f.Value
		}
	}
	if action.Kind != protocol.Text || action.Str == "" || widget.Kind != protocol.Text || widget.Str == "" {
		return Answer{}, false
	}
	if s.cfg.WidgetID.Kind == protocol.Text && s.cfg.WidgetID.Str != widget.Str {
		return Answer{}, false
	}
	if truthy(response) {
		// A widget that is its own top window hears its own posts: answers it
		// gave are toWidget, requests it made are fromWidget without response.
		if api.Str != protocol.FromWidget.String() || id.Kind != protocol.Serial {
			return Answer{}, false
		}
		return s.answered(now, id.ID, message)
	}
	if api.Str != protocol.ToWidget.String() || !id.Set() {
		return Answer{}, false
	}
	if !s.cfg.HostKnown {
		s.cfg.HostKnown = true
		s.Add(Pin, 0)
	}
	if s.cfg.WidgetID.Kind != protocol.Text {
		s.cfg.WidgetID = *widget
	}
	s.hostRequest(now, *action, message)
	s.greet(now)
	return Answer{}, false
}

// truthy is what makes a message an answer (matrix-widget-api
// PostmessageTransport): a response that JavaScript takes for true.
func truthy(v *protocol.Value) bool {
	switch v.Kind {
	case protocol.Absent, protocol.Null, protocol.False:
		return false
	case protocol.Number:
		return v.Num != 0
	case protocol.Text:
		return v.Str != ""
	}
	return true
}

// answered matches an answer with its request.
func (s *Session) answered(now Now, serial int32, message []protocol.Field) (Answer, bool) {
	var a Answer
	if f := s.table.find(serial); f != nil {
		a = f.answer()
		a.IsLate = f.given
		if f.Repeats && !f.given {
			s.table.answered.keep(maxAnswered, f, now.Mono)
		}
		s.table.free(f)
		if a.IsLate && !a.Late {
			return Answer{}, false // but its place is free
		}
	} else if f := s.table.late.find(serial, now); f != nil {
		a = f.answer()
		a.IsLate = true
		f.serial = 0
	} else if f := s.table.answered.find(serial, now); f != nil {
		a = f.answer()
		a.IsLate, a.Again = true, true
	} else {
		return Answer{}, false
	}
	a.Message = message
	if a.Err = protocol.RefusalOf(message); a.Err != nil {
		a.Err.Action = a.Action.Str
		a.Err.Serial = a.Serial
	}
	return a, !s.own(now, &a)
}

// own handles the end of the session's own requests.
func (s *Session) own(now Now, a *Answer) bool {
	switch a.Kind {
	case kindVersions:
		s.versionsEnded(now, a)
	case kindContentLoaded:
		s.contentLoadedEnded(a)
	case kindRenegotiate:
		s.negotiationAcknowledged(now, a)
	default:
		return false
	}
	return true
}
