package future

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

const (
	versionMedia = "org.matrix.msc4039"
	state        = protocol.CapReceiveState
	event_       = protocol.CapReceiveEvent
)

// actionCase is one of the typed actions with all that can be said in it.
type actionCase struct {
	kind   string
	needs  []string // capabilities
	known  string   // version
	args   message
	data   message
	needed string // arguments that must be there
}

var member_ = message{"id": "m", "claimed_device_id": "D"}

var actionCases = []actionCase{
	{
		"readEvents",
		[]string{event_ + "m.room.message#m.text", protocol.CapTimeline + "!a"},
		"",
		message{"type": "m.room.message", "msgtype": "m.text", "limit": 5, "roomIds": []string{"!a"}, "since": "$e"},
		message{"type": "m.room.message", "msgtype": "m.text", "limit": 5, "room_ids": []string{"!a"}, "since": "$e"},
		"type",
	},
	{
		"readRelations",
		[]string{protocol.CapTimeline + "!a"},
		"",
		message{
			"eventId": "$e", "roomId": "!a", "relType": "m.annotation", "eventType": "m.reaction",
			"limit": 1, "from": "f", "to": "t", "direction": "b",
		},
		message{
			"event_id": "$e", "room_id": "!a", "rel_type": "m.annotation", "event_type": "m.reaction",
			"limit": 1, "from": "f", "to": "t", "direction": "b",
		},
		"eventId",
	},
	{
		"readAccountData",
		[]string{"com.beeper.capabilities.receive.room_account_data:m.tag", protocol.CapTimeline + "!a"},
		"",
		message{"type": "m.tag", "roomIds": []string{"!a"}},
		message{"type": "m.tag", "room_ids": []string{"!a"}},
		"type",
	},
	{
		"sendToDevice",
		[]string{"org.matrix.msc3819.send.to_device:t"},
		"",
		message{"type": "t", "encrypted": false, "content": message{"@u:h": message{"D": message{}}}},
		message{"type": "t", "encrypted": false, "messages": message{"@u:h": message{"D": message{}}}},
		"type encrypted content",
	},
	{"openId", nil, "", message{}, message{}, ""},
	{"watchTurnServers", []string{"town.robin.msc3846.turn_servers"}, "", message{}, message{}, ""},
	{"unwatchTurnServers", []string{"town.robin.msc3846.turn_servers"}, "", message{}, message{}, ""},
	{
		"navigate",
		[]string{"org.matrix.msc2931.navigate"},
		"",
		message{"uri": "https://matrix.to/#/!r:h"},
		message{"uri": "https://matrix.to/#/!r:h"},
		"uri",
	},
	{
		"sendSticker", nil, "",
		message{"name": "n", "description": "", "content": message{"url": "mxc://h/m"}},
		message{"name": "n", "description": "", "content": message{"url": "mxc://h/m"}},
		"name content",
	},
	{"alwaysOnScreen", nil, "", message{"value": true}, message{"value": true}, "value"},
	{
		"openModal", nil, "",
		message{"type": "m.custom", "url": "https://h", "name": "n", "content": []any{message{"id": "b"}}, "leaveContent": message{"x": 1}},
		message{"type": "m.custom", "url": "https://h", "name": "n", "buttons": []any{message{"id": "b"}}, "data": message{"x": 1}},
		"type url name content leaveContent",
	},
	{"closeModal", nil, "", message{"content": message{"type": "done"}}, message{"type": "done"}, ""},
	{"modalButton", nil, "", message{"buttonId": "b", "enabled": false}, message{"button": "b", "enabled": false}, "buttonId enabled"},
	{"mediaConfig", []string{"org.matrix.msc4039.upload_file"}, versionMedia, message{}, message{}, ""},
	{"uploadFile", []string{"org.matrix.msc4039.upload_file"}, versionMedia, message{"content": "text"}, message{"file": "text"}, "content"},
	{
		"downloadFile",
		[]string{"org.matrix.msc4039.download_file"},
		versionMedia,
		message{"contentUri": "mxc://h/m"},
		message{"content_uri": "mxc://h/m"},
		"contentUri",
	},
	{
		"searchUsers",
		[]string{"org.matrix.msc3973.user_directory_search"},
		"org.matrix.msc3973",
		message{"searchTerm": "", "limit": 3},
		message{"search_term": "", "limit": 3},
		"searchTerm",
	},
	{"rtcTransports", []string{"org.matrix.msc4515.rtc_transports"}, "org.matrix.msc4515", message{}, message{}, ""},
	{
		"livekitToken",
		[]string{"org.matrix.msc4533.rtc_livekit_get_token"},
		"org.matrix.msc4533",
		message{"serverName": "h", "url": "wss://h", "roomId": "!a", "slotId": "s", "content": member_},
		message{"server_name": "h", "url": "wss://h", "room_id": "!a", "slot_id": "s", "member": member_},
		"url slotId content",
	},
	{
		"delegateLeave",
		[]string{"org.matrix.msc4533.rtc_livekit_delegate_delayed_leave"},
		"org.matrix.msc4533",
		message{"roomId": "!a", "slotId": "s", "content": member_, "delayId": "d"},
		message{"room_id": "!a", "slot_id": "s", "member": member_, "delay_id": "d"},
		"slotId content delayId",
	},
}

func (a *actionCase) call() CallKind {
	for i, name := range CallKinds() {
		if name == a.kind {
			return CallKind(i)
		}
	}
	panic(a.kind)
}

func (a *actionCase) action() string { return protocol.Actions[a.call()-FirstAction].Name.String() }

// knowing is negotiated, on a host that advertises the version too.
func knowing(t testing.TB, approved []string, version string) *page {
	p := embedded(t, protocol.Auto)
	p.start()
	p.answer("supported_api_versions", message{"supported_versions": append([]string{version}, hostVersions...)})
	p.answer("content_loaded", message{})
	p.request("capabilities", message{})
	p.notify(nil, append([]string{"m.sticker"}, approved...)...)
	return p
}

func TestEveryTypedActionHasACaseHere(t *testing.T) {
	if got, want := len(actionCases), len(protocol.Actions); got != want {
		t.Fatalf("%d cases, %d actions", got, want)
	}
	for i, a := range actionCases {
		if a.call() != FirstAction+CallKind(i) {
			t.Errorf("%s is not in its place", a.kind)
		}
	}
	if len(CallKinds()) != int(callKinds) {
		t.Errorf("%d names of calls, %d calls", len(CallKinds()), callKinds)
	}
}

func TestActionsSayOnTheWireWhatThePageSays(t *testing.T) {
	for _, a := range actionCases {
		t.Run(a.kind, func(t *testing.T) {
			p := knowing(t, a.needs, a.known)
			call := p.call(a.call(), a.args)
			if got := p.actions(); got != a.action() {
				t.Fatalf("posted %q, want %q", got, a.action())
			}
			if got, want := p.posts[0]["data"], any(plain(a.data)); !reflect.DeepEqual(got, want) {
				t.Fatalf("posted %v, want %v", got, want)
			}
			p.answer(a.action(), message{"state": "allowed", "x": 1})
			p.succeeds(call)
			if got := p.ended[call].fields["body"].(message)["x"]; got != 1.0 {
				t.Fatalf("the answer came back as %v", p.ended[call].fields)
			}
			refused := p.call(a.call(), a.args)
			p.answer(a.action(), refusing("no"))
			p.fails(refused, "host", "no")
			p.fails(p.call(a.call(), with(a.args, "deadlineMs", 0)), "invalid", "deadlineMs")
			late := p.call(a.call(), with(a.args, "deadlineMs", 50))
			p.pass(50)
			p.fails(late, "timeout", "")
		})
	}
}

func TestActionsThatAreDeniedPostNothingAndNameWhatIsMissing(t *testing.T) {
	for _, a := range actionCases {
		for _, missing := range a.needs {
			t.Run(a.kind+" without "+missing, func(t *testing.T) {
				var approved []string
				for _, c := range a.needs {
					if c != missing {
						approved = append(approved, c)
					}
				}
				p := knowing(t, approved, a.known)
				call := p.call(a.call(), a.args)
				p.fails(call, "capability", missing)
				if p.actions() != "" {
					t.Fatalf("posted %q", p.actions())
				}
			})
		}
	}
}

func TestActionsThatTheHostDoesNotKnowAreUnsupportedAndPostNothing(t *testing.T) {
	for _, a := range actionCases {
		p := knowing(t, a.needs, "another")
		call := p.call(a.call(), a.args)
		if a.known == "" {
			p.answer(a.action(), message{"state": "allowed"})
			p.succeeds(call)
			continue
		}
		p.fails(call, "unsupported", a.action())
		if p.actions() != "" {
			t.Fatalf("%s posted %q", a.kind, p.actions())
		}
	}
}

func TestHostThatDoesNotTellItsVersionsIsAsked(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	p.answer("content_loaded", message{})
	p.notify(nil, "org.matrix.msc4039.upload_file")
	call := p.call(FirstAction+13, message{})
	if p.actions() != "supported_api_versions" {
		t.Fatalf("posted %q before the host could tell", p.actions())
	}
	p.answer("supported_api_versions", refusing("no"))
	p.answer("org.matrix.msc4039.get_media_config", message{})
	p.succeeds(call)
}

func TestNeededArgumentsAreNamedWhenTheyAreMissing(t *testing.T) {
	for _, a := range actionCases {
		p := knowing(t, a.needs, a.known)
		for _, name := range strings.Fields(a.needed) {
			p.fails(p.call(a.call(), with(a.args, name, nil)), "invalid", name)
		}
		for name := range a.args {
			if !strings.Contains(" "+a.needed+" ", " "+name+" ") && name != "roomId" {
				call := p.call(a.call(), with(a.args, name, nil))
				if p.ended[call].code() == "invalid" {
					t.Errorf("%s cannot do without %s: %v", a.kind, name, p.ended[call].fields)
				}
			}
		}
	}
}

func TestArgumentsOfTheWrongKindAreNamedAndPostNothing(t *testing.T) {
	p := knowing(t, nil, "")
	for _, test := range []struct {
		kind  string
		field string
		bad   []any
	}{
		{"readEvents", "type", []any{"", 5, true, message{}, []string{"x"}, strings.Repeat("x", protocol.MaxText+1)}},
		{"readEvents", "stateKey", []any{false, 5, message{}}},
		{"readEvents", "msgtype", []any{"", 5}},
		{"readEvents", "limit", []any{0, -1, 1.5, "5", 1e10, true}},
		{"readEvents", "roomIds", []any{"!a", "", []any{}, []any{""}, []any{5}, true, message{}}},
		{"readAccountData", "roomIds", []any{"!a", []any{}, []any{"!a", ""}}},
		{"readRelations", "roomId", []any{"", 5, []string{"!a"}}},
		{"readRelations", "direction", []any{"x", "", true}},
		{"sendToDevice", "encrypted", []any{"yes", 1}},
		{"sendToDevice", "content", []any{"x", 5, true}},
		{"navigate", "uri", []any{"", "https://example.org/", "https://matrix.to/", 5}},
		{"alwaysOnScreen", "value", []any{"true", 1}},
		{"closeModal", "content", []any{"x", true}},
		{"modalButton", "buttonId", []any{"m.close", "", 5}},
		{"uploadFile", "content", []any{5, true}},
		{"searchUsers", "searchTerm", []any{5, true}},
		{"sendSticker", "description", []any{5}},
		{"delegateLeave", "delayId", []any{"", 5}},
	} {
		for _, a := range actionCases {
			if a.kind != test.kind {
				continue
			}
			for _, bad := range append(test.bad, message{"null": nil}["null"]) {
				args := with(a.args)
				args[test.field] = bad
				call := p.call(a.call(), args)
				if got := fmt.Sprint(p.ended[call].fields["message"]); p.ended[call].code() != "invalid" || !strings.HasPrefix(got, test.field+": ") {
					t.Errorf("%s with %s %v: %v", a.kind, test.field, bad, p.ended[call].fields)
				}
			}
		}
	}
	if p.actions() != "" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestReadsAskForTheCapabilityOfWhatTheyRead(t *testing.T) {
	for _, test := range []struct {
		args   message
		grants []string
		need   string // "": none
	}{
		{message{"type": "t"}, []string{event_ + "t"}, ""},
		{message{"type": "t"}, []string{state + "t"}, event_ + "t"},
		{message{"type": "t", "stateKey": "k"}, []string{state + "t#k"}, ""},
		{message{"type": "t", "stateKey": "k"}, []string{state + "t"}, ""},
		{message{"type": "t", "stateKey": ""}, []string{state + "t#"}, ""},
		{message{"type": "t", "stateKey": "k"}, []string{state + "t#l", event_ + "t"}, state + "t#k"},
		{message{"type": "t", "stateKey": true}, []string{state + "t"}, ""},
		{message{"type": "t", "stateKey": true}, []string{state + "t#k"}, state + "t"},
		{message{"type": "m.room.message", "msgtype": "m.text"}, []string{event_ + "m.room.message"}, ""},
		{message{"type": "t", "roomIds": "*"}, []string{event_ + "t"}, ""},
		{message{"type": "t", "roomIds": []string{"!a", "!b"}}, []string{event_ + "t", protocol.CapTimeline + "!a"}, protocol.CapTimeline + "!b"},
		{message{"type": "t", "roomIds": []string{"!a", "!b"}}, []string{event_ + "t", protocol.CapTimeline + "*"}, ""},
	} {
		p := negotiated(t, protocol.Auto, test.grants, func(c *Config) { c.RoomID = protocol.Value{} })
		call := p.call(FirstAction, test.args)
		if test.need != "" {
			p.fails(call, "capability", test.need)
		} else if p.actions() != "org.matrix.msc2876.read_events" {
			t.Errorf("%v with %v: %v", test.args, test.grants, p.ended[call].fields)
		}
	}
}

func TestReadsAreOfTheClientsRoomWhenTheyNameNone(t *testing.T) {
	p := negotiated(t, protocol.Auto, append([]string{event_ + "t"}, everything...))
	p.call(FirstAction, message{"type": "t"})
	p.call(FirstAction, message{"type": "t", "roomIds": "*"})
	p.call(FirstAction+1, message{"eventId": "$e"})
	var got []any
	for _, post := range p.posts {
		data := post["data"].(message)
		got = append(got, data["room_ids"], data["room_id"])
	}
	if fmt.Sprint(got) != fmt.Sprintf("[[%s] <nil> * <nil> <nil> %s]", room, room) {
		t.Fatalf("asked for rooms %v", got)
	}
}

func TestRustHostsAreAskedWithoutARoomsCapability(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	p.answer("supported_api_versions", message{"supported_versions": []string{protocol.VersionNotify}})
	p.notify(nil, event_+"t")
	p.call(FirstAction, message{"type": "t", "roomIds": []string{"!a"}})
	if p.take("org.matrix.msc2876.read_events") == nil {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestActionsWaitForTheNegotiation(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	call := p.call(OpenID, message{})
	if strings.Contains(p.actions(), "get_openid") {
		t.Fatal("posted before the host has decided")
	}
	p.close()
	p.fails(call, "closed", "")
}

func TestActionsFailWithTheNegotiation(t *testing.T) {
	p := embedded(t, protocol.Auto, func(c *Config) { c.Session.HostKnown = false })
	p.start()
	before := p.call(FirstAction+13, message{})
	p.pass(120000)
	p.fails(before, "timeout", "negotiation")
	p.fails(p.call(FirstAction+13, message{}), "timeout", "negotiation")
}

func TestStickyEventsNeedTheirCapabilityAndCannotBeState(t *testing.T) {
	sticky := message{"type": "m.rtc.member", "content": message{}, "stickyDurationMs": 60000}
	p := negotiated(t, protocol.Auto, everything)
	p.call(SendEvent, sticky)
	if got := p.posts[0]["data"].(message)["sticky_duration_ms"]; got != 60000.0 {
		t.Fatalf("posted %v", p.posts[0])
	}
	p.posts = nil
	p.fails(p.call(SendEvent, with(sticky, "stateKey", "")), "invalid", "stickyDurationMs")
	p.fails(p.call(SendEvent, with(sticky, "stickyDurationMs", 0.5)), "invalid", "stickyDurationMs")
	p = negotiated(t, protocol.Auto, []string{protocol.CapSendEvent + "m.rtc.member", protocol.CapTimeline + room})
	p.fails(p.call(SendEvent, sticky), "capability", protocol.CapSendSticky)
	p.call(SendEvent, with(sticky, "stickyDurationMs", nil))
	if p.actions() != "send_event" {
		t.Fatalf("posted %q", p.actions())
	}
}
