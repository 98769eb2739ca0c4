package main

import (
	"strconv"
	"strings"

	"github.com/widget-futures/widget-futures/jsbridge"
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// much is a page with as long lists and texts as the border reads. The ways in
// and out have to grow for them, in the middle of what is being written, and
// the memory with them.
func (s *shim) much() {
	list := make([]string, protocol.MaxList)
	for i := range list {
		list[i] = "org.example.capability." + strconv.Itoa(i)
	}
	long := protocol.Str(strings.Repeat("€", protocol.MaxText))
	cfg := future.Config{RoomID: protocol.Str("!r:example.org")}
	cfg.Session.WidgetID, cfg.Session.Capabilities = protocol.Str("w1"), list
	cfg.Session.DeadlineMs, cfg.Session.HandshakeMs = 10_000, 60_000
	now := session.Now{Mono: 1, Wall: 1767225600000}
	s.enter(jsbridge.InStart, now, 0, 0, startFields(&cfg))
	s.Open(now)
	request := func(action protocol.Name) []protocol.Field {
		return []protocol.Field{
			protocol.ToWidget.Value().At(protocol.API), protocol.Str("w1").At(protocol.WidgetID), long.At(protocol.RequestID),
			action.Value().At(protocol.Action), protocol.Value{Kind: protocol.Opaque, ID: 2}.At(protocol.Data),
		}
	}
	s.Receive(now, request(protocol.ActCapabilities))
	m := protocol.AppendTexts(request(protocol.ActNotifyCapabilities), protocol.DataApproved, list)
	s.Receive(now, m)
	for call := range int32(4) {
		s.Call(now, future.SendEvent, call+1, []protocol.Field{
			long.At(protocol.Type), long.At(protocol.StateKey), long.At(protocol.RoomID),
			protocol.Value{Kind: protocol.Opaque, ID: -2 * (call + 1)}.At(protocol.Content),
		})
		s.Call(now, future.Request, call+11, []protocol.Field{long.At(protocol.ActionName)})
	}
	s.Close(now)
}
