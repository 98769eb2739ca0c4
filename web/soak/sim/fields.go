package sim

import (
	"strconv"

	"github.com/widget-futures/widget-futures/protocol"
)

// opaque stands for an object that nobody here looks into.
var opaque = protocol.Value{Kind: protocol.Opaque, ID: 1}

// kept is a forwarded text: the border hands over a handle.
var kept = protocol.Value{Kind: protocol.Kept, ID: 1}

// answerFields are an answer as the border reads it.
func (p *page) answerFields(r *request, a *answer) []protocol.Field {
	w := p.w
	m := append(p.inbox[:0],
		protocol.FromWidget.Value().At(protocol.API),
		w.word(widgetID).At(protocol.WidgetID),
		protocol.Value{Kind: protocol.Serial, ID: r.serial}.At(protocol.RequestID),
		w.word(r.action).At(protocol.Action),
		opaque.At(protocol.Data),
	)
	if a.garbage > 0 {
		v := garbage[a.garbage-1]
		if r.verb != "" && v.Kind == protocol.Opaque {
			v = protocol.Bool(true) // an object would acknowledge the verb
		}
		m = protocol.Append(m, protocol.Response, &v)
		p.inbox = m
		return m
	}
	m = append(m, opaque.At(protocol.Response))
	switch {
	case a.message != "":
		m = append(m, opaque.At(protocol.RespError), protocol.Str(a.message).At(protocol.RespErrorMessage))
		if a.why != nil {
			m = w.matrixFields(m, a.why)
		}
	case a.versions != nil:
		m = protocol.AppendTexts(m, protocol.RespVersions, a.versions)
	case r.action == protocol.ActSendEvent.String():
		m = p.receiptFields(m, a.reply)
	}
	p.inbox = m
	return m
}

// receiptFields are the members of a send_event answer in the host's way.
func (p *page) receiptFields(m []protocol.Field, rep *reply) []protocol.Field {
	null := protocol.Value{Kind: protocol.Null}
	m = append(m, kept.At(protocol.RespRoomID))
	rust := p.w.set.Host == Rust
	switch {
	case rep.event != "" && p.steady:
		m = append(m, protocol.Str(rep.event).At(protocol.RespEventID))
	case rep.event != "":
		m = append(m, kept.At(protocol.RespEventID))
	case rust:
		m = append(m, null.At(protocol.RespEventID))
	case p.w.set.Host == Draft:
		m = append(m, protocol.Str("").At(protocol.RespEventID))
	}
	if rep.id == "" {
		if rust {
			m = append(m, null.At(protocol.RespDelayID))
		}
		return m
	}
	group := protocol.RespGroupID
	switch p.w.set.Host {
	case Prefixed:
		group = protocol.RespFutureGroupID
	case Draft:
	default:
		return append(m, protocol.Str(rep.id).At(protocol.RespDelayID))
	}
	return append(m,
		protocol.Str(rep.group).At(group),
		protocol.Str(rep.tokens[0]).At(protocol.RespRefreshToken),
		protocol.Str(rep.tokens[1]).At(protocol.RespCancelToken),
		protocol.Str(rep.tokens[2]).At(protocol.RespSendToken),
	)
}

// matrixFields are a refusal as hosts relay it: Rust hosts leave the headers out.
func (w *world) matrixFields(m []protocol.Field, why *refusal) []protocol.Field {
	m = append(m, opaque.At(protocol.RespMatrix), protocol.Num(float64(why.status)).At(protocol.RespMatrixStatus))
	if why.retryAfter > 0 && w.set.Host != Rust {
		m = append(m, protocol.Str(strconv.Itoa(int(why.retryAfter))).At(protocol.RespMatrixRetryAfter))
	}
	m = append(m, opaque.At(protocol.RespMatrixBody), protocol.Str(why.errcode).At(protocol.RespMatrixErrcode))
	m = protocol.AppendText(m, protocol.RespMatrixUnstableErrcode, why.unstable)
	m = protocol.AppendNum(m, protocol.RespMatrixRetryAfterMs, why.retryAfterMs)
	m = protocol.AppendNum(m, protocol.RespMatrixMaxDelay, why.maxDelay)
	return protocol.AppendNum(m, protocol.RespMatrixUnstableMaxDelay, why.unstableMax)
}

// httpFields are the body of a homeserver's answer to the page itself.
func httpFields(why *refusal) []protocol.Field {
	if why == nil {
		return []protocol.Field{opaque.At(protocol.HTTPBody)}
	}
	m := []protocol.Field{opaque.At(protocol.HTTPBody)}
	m = protocol.AppendText(m, protocol.HTTPErrcode, why.errcode)
	m = protocol.AppendText(m, protocol.HTTPError, why.text)
	return protocol.AppendNum(m, protocol.HTTPRetryAfterMs, why.retryAfterMs)
}

// hostRequest begins a request of the host.
func (p *page) hostRequest(action protocol.Name) []protocol.Field {
	return append(p.inbox[:0],
		protocol.ToWidget.Value().At(protocol.API),
		p.w.word(widgetID).At(protocol.WidgetID),
		kept.At(protocol.RequestID),
		action.Value().At(protocol.Action),
		opaque.At(protocol.Data),
	)
}

// heardFields are the members of a room event that a hold looks at.
func heardFields(m []protocol.Field, e *roomEvent) []protocol.Field {
	return append(m,
		protocol.Str(stateType).At(protocol.HeardType),
		protocol.Str(e.key).At(protocol.HeardStateKey),
		protocol.Str(roomID).At(protocol.HeardRoomID),
		protocol.Str(e.sender).At(protocol.HeardSender),
		protocol.Str(e.id).At(protocol.HeardEventID),
	)
}
