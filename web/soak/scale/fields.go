package main

import (
	"strconv"

	"github.com/widget-futures/widget-futures/protocol"
)

// The names of the world.
const (
	widgetID    = "w1"
	probeAction = "probe.scale"
	roomID      = "!room:scale.test"
	user        = "@u:scale.test"
	stateType   = "org.matrix.msc3401.call.member"
	stateKey    = "_@u:scale.test_DEVICE_m.call"
)

// opaque stands for an object that nobody here looks into, kept for a text that
// the border hands on by a handle.
var (
	opaque = protocol.Value{Kind: protocol.Opaque, ID: 1}
	kept   = protocol.Value{Kind: protocol.Kept, ID: 1}
)

// words are recurring texts, as the border interns them: behind the table's names.
var words = func() map[string]protocol.Value {
	m := map[string]protocol.Value{}
	next := int32(len(protocol.Names()))
	for _, s := range []string{widgetID, probeAction, roomID, stateType, stateKey} {
		m[s] = protocol.Value{Kind: protocol.Text, ID: next, Str: s}
		next++
	}
	return m
}()

// holdArgs are the arguments of holdState.
func holdArgs(c *Case) []protocol.Field {
	m := []protocol.Field{
		words[stateType].At(protocol.Type),
		words[stateKey].At(protocol.StateKey),
		opaque.At(protocol.Content),
		protocol.Num(c.TimeoutMs).At(protocol.TimeoutMs),
		protocol.Value{Kind: protocol.Opaque, ID: 2}.At(protocol.LeaveContent),
	}
	return protocol.AppendNum(m, protocol.RefreshMs, c.RefreshMs)
}

// answerFields are a host's answer to a request, as the border reads it.
func (w *world) answerFields(r *request) []protocol.Field {
	m := append(w.inbox[:0],
		protocol.FromWidget.Value().At(protocol.API),
		words[widgetID].At(protocol.WidgetID),
		protocol.Value{Kind: protocol.Serial, ID: r.serial}.At(protocol.RequestID),
		r.action.At(protocol.Action),
		opaque.At(protocol.Data),
		opaque.At(protocol.Response),
	)
	switch {
	case r.refusal != "":
		m = append(m, opaque.At(protocol.RespError), protocol.Str(r.refusal).At(protocol.RespErrorMessage))
		if r.status != 0 {
			m = append(m, opaque.At(protocol.RespMatrix), protocol.Num(float64(r.status)).At(protocol.RespMatrixStatus),
				opaque.At(protocol.RespMatrixBody))
			m = protocol.AppendText(m, protocol.RespMatrixErrcode, r.errcode)
		}
	case r.what == versions:
		m = protocol.AppendTexts(m, protocol.RespVersions, hostVersions)
	case r.what == schedule:
		m = append(m, words[roomID].At(protocol.RespRoomID), protocol.Str(delayID(r.made)).At(protocol.RespDelayID))
	case r.what == state:
		m = append(m, words[roomID].At(protocol.RespRoomID), protocol.Str(eventID(r.made)).At(protocol.RespEventID))
	}
	w.inbox = m
	return m
}

// hostRequest begins a request of the host.
func (w *world) hostRequest(action protocol.Name) []protocol.Field {
	return append(w.inbox[:0],
		protocol.ToWidget.Value().At(protocol.API),
		words[widgetID].At(protocol.WidgetID),
		kept.At(protocol.RequestID),
		action.Value().At(protocol.Action),
		opaque.At(protocol.Data),
	)
}

// heardFields tell of an event of the held state.
func (w *world) heardFields(event int32) []protocol.Field {
	m := append(w.hostRequest(protocol.ActSendEvent),
		words[stateType].At(protocol.HeardType),
		words[stateKey].At(protocol.HeardStateKey),
		words[roomID].At(protocol.HeardRoomID),
		protocol.Str(user).At(protocol.HeardSender),
		protocol.Str(eventID(event)).At(protocol.HeardEventID),
	)
	w.inbox = m
	return m
}

func delayID(n int32) string { return "syd_" + strconv.Itoa(int(n)) }

func eventID(n int32) string { return "$" + strconv.Itoa(int(n)) }

// numberOf reads a delay id.
func numberOf(delayID string) int32 {
	n, err := strconv.Atoi(delayID[len("syd_"):])
	if err != nil {
		return 0
	}
	return int32(n)
}
