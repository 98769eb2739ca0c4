package protocol_test

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func key(s string) *string { return &s }

func TestCapabilitiesOfStateEscapeTheTypeAndNotTheKey(t *testing.T) {
	for _, test := range []struct {
		eventType string
		key       *string
		want      string
	}{
		{"m.room.topic", nil, "m.room.topic"},
		{"m.room.topic", key(""), "m.room.topic#"}, // the empty key, not every key
		{"m.room.topic", key("k"), "m.room.topic#k"},
		{"m.room.topic", key("#k#"), "m.room.topic##k#"},
		{"a#b", nil, `a\#b`},
		{"a#b", key(""), `a\#b#`},
		{"#a##b", key("_@u:hs#1"), `\#a\#\#b#_@u:hs#1`},
	} {
		if got := protocol.StateCapability(protocol.CapSendState, test.eventType, test.key); got != "org.matrix.msc2762.send.state_event:"+test.want {
			t.Errorf("%s %v: %s", test.eventType, test.key, got)
		}
		if got := protocol.StateCapability(protocol.CapReceiveState, test.eventType, test.key); got != "org.matrix.msc2762.receive.state_event:"+test.want {
			t.Errorf("%s %v: %s", test.eventType, test.key, got)
		}
	}
}

func TestCapabilitiesOfEventsCarryAMsgtypeForMessagesOnly(t *testing.T) {
	for _, test := range []struct{ eventType, msgtype, want string }{
		{"m.room.message", "m.text", "m.room.message#m.text"},
		{"m.room.message", "", "m.room.message"},
		{"m.rtc.member", "m.text", "m.rtc.member"},
		{"a#b", "", "a#b"}, // room event types are not escaped: mwa forRoomEvent
	} {
		if got := protocol.EventCapability(protocol.CapSendEvent, test.eventType, test.msgtype); got != "org.matrix.msc2762.send.event:"+test.want {
			t.Errorf("%s %s: %s", test.eventType, test.msgtype, got)
		}
	}
}

func TestGrantsAllowWhatTheyNameAndNoMore(t *testing.T) {
	const state, event = protocol.CapSendState, protocol.CapSendEvent
	for _, test := range []struct {
		grant     string
		eventType string
		key       *string
		msgtype   string
		missing   string
	}{
		{state + "t", "t", key("k"), "", ""},
		{state + "t", "t", key(""), "", ""},
		{state + "t#k", "t", key("k"), "", ""},
		{state + "t#k", "t", key("other"), "", state + "t#other"},
		{state + "t#", "t", key(""), "", ""},
		{state + "t#", "t", key("k"), "", state + "t#k"},
		{state + `t\#k`, "t#k", key("x"), "", ""},
		{state + "t#k", "t#k", key(""), "", state + `t\#k#`},
		{state + "t", "t", nil, "", event + "t"},
		{event + "t", "t", key(""), "", state + "t#"},
		{protocol.CapReceiveState + "t", "t", key("k"), "", state + "t#k"},
		{event + "m.room.message", "m.room.message", nil, "m.text", ""},
		{event + "m.room.message#m.text", "m.room.message", nil, "m.text", ""},
		{event + "m.room.message#m.text", "m.room.message", nil, "m.image", event + "m.room.message#m.image"},
		{event + "m.room.message#m.text", "m.room.message", nil, "", event + "m.room.message"},
		{event + "t", "t", nil, "m.text", ""},
		{event + "t", "tt", nil, "", event + "tt"},
	} {
		g := protocol.NewGrants([]string{test.grant})
		stateKey := protocol.Value{}
		if test.key != nil {
			stateKey = protocol.Str(*test.key)
		}
		if got := g.SendEvent(test.eventType, &stateKey, test.msgtype); got != test.missing {
			t.Errorf("%s for %s %v %s: missing %q, want %q", test.grant, test.eventType, test.key, test.msgtype, got, test.missing)
		}
	}
}

func TestTimelineIsOfTheRoomOrOfAnyRoom(t *testing.T) {
	for grant, want := range map[string]bool{
		protocol.CapTimeline + "!r:hs": true, protocol.CapTimeline + "*": true,
		protocol.CapTimeline + "!other:hs": false, protocol.CapTimeline: false, "!r:hs": false,
	} {
		if got := protocol.NewGrants([]string{grant}).Timeline("!r:hs"); got != want {
			t.Errorf("%s: %v", grant, got)
		}
	}
	if protocol.Grants(nil).Timeline("!r:hs") {
		t.Error("no grants allow a room")
	}
}

func TestEventNeedsItsRoomOnlyOnHostsThatKnowTimelines(t *testing.T) {
	e := protocol.Event{Type: protocol.Str("t"), RoomID: protocol.Str("!r:hs")}
	both := []string{protocol.CapSendEvent + "t", protocol.CapTimeline + "!r:hs"}
	for _, test := range []struct {
		grants   []string
		timeline bool
		missing  int
	}{{nil, true, 2}, {nil, false, 1}, {both[:1], true, 1}, {both[1:], true, 1}, {both[:1], false, 0}, {both, true, 0}} {
		got := e.Missing(protocol.NewGrants(test.grants), test.timeline)
		if len(got) != test.missing {
			t.Errorf("%v, %v: missing %v", test.grants, test.timeline, got)
		}
	}
}
