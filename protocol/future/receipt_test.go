package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func TestDialectsAskInTheirOwnWordsAndNeverWriteWhatTheyWereNotGiven(t *testing.T) {
	for _, test := range []struct {
		dialect protocol.Dialect
		args    message
		want    message
	}{
		{protocol.Futures, future(8000), message{"timeout": 8000.0}},
		{protocol.Futures, with(future(8000), "groupId", "g"), message{"timeout": 8000.0, "group_id": "g"}},
		{protocol.Futures, with(future(8000), "timeoutMs", nil, "groupId", "g"), message{"group_id": "g"}},
		{protocol.FuturesPrefixed, with(future(8000), "groupId", "g"), message{"future_timeout": 8000.0, "future_group_id": "g"}},
	} {
		p := negotiated(t, test.dialect, everything)
		p.call(SendFuture, test.args)
		data := p.posts[0]["data"].(message)
		for name, value := range with(test.want, "type", member, "state_key", key, "room_id", room) {
			if data[name] != value {
				t.Errorf("%v: %s is %v, want %v", test.dialect, name, data[name], value)
			}
		}
		if len(data) != len(test.want)+4 {
			t.Errorf("%v: wrote %v", test.dialect, data)
		}
	}
}

func TestReceiptAloneDecidesWhatHappened(t *testing.T) {
	tokens := message{"room_id": room, "group_id": "g1", "send_token": "s", "cancel_token": "c", "refresh_token": "r"}
	for _, test := range []struct {
		name    string
		receipt message
		code    string // "" scheduled
		naming  string
	}{
		{"delay id", message{"room_id": room, "delay_id": "d"}, "", ""},
		{"delay id beside null", message{"room_id": room, "delay_id": "d", "event_id": nil}, "", ""},
		{"tokens beside an empty event id", with(tokens, "event_id", ""), "", ""},
		{"tokens without refresh", with(tokens, "refresh_token", nil), "", ""},
		{"unknown members", with(tokens, "x", message{"delay_id": 5}), "", ""},
		{"no room", with(tokens, "room_id", nil), "", ""},
		{"event id", message{"room_id": room, "event_id": "$e"}, "sent_immediately", "at once"},
		{"event id and empty delay id", message{"room_id": room, "event_id": "$e", "delay_id": ""}, "sent_immediately", "at once"},
		{"nothing", message{}, "bad_response", "neither"},
		{"nulls", message{"room_id": nil, "event_id": nil, "delay_id": nil}, "bad_response", "neither"},
		{"delay id is a number", message{"room_id": room, "delay_id": 5}, "bad_response", "delay_id"},
		{"event id is an object", message{"event_id": message{}}, "bad_response", "event_id"},
		{"token is a list", message{"send_token": []int{1}}, "bad_response", "send_token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := negotiated(t, protocol.Futures, everything)
			call := p.call(SendFuture, future(5000))
			p.answer("send_event", test.receipt)
			if test.code != "" {
				p.fails(call, test.code, test.naming)
				return
			}
			got := p.succeeds(call)
			if got["roomId"] != room || got["expiresAt"] != p.now.Wall+5000 {
				t.Fatalf("future %v", got)
			}
		})
	}
}

func TestAnswerThatIsNoObjectIsABadResponse(t *testing.T) {
	for _, response := range []any{"x", 5, true, []int{}} {
		p := negotiated(t, protocol.Futures, everything)
		call := p.call(SendFuture, future(5000))
		p.receive(with(p.take("send_event"), "response", response))
		p.fails(call, "bad_response", "response")
	}
}

func TestHostThatSendsAtOnceIsToldAboutAndAskedNoMore(t *testing.T) {
	p := negotiated(t, protocol.Futures, everything)
	call := p.call(SendFuture, future(5000))
	p.answer("send_event", message{"room_id": room, "event_id": "$out"})
	p.fails(call, "sent_immediately", "")
	if got := p.ended[call].fields; got["eventId"] != "$out" || got["roomId"] != room {
		t.Fatalf("error %v", got)
	}
	if last := p.events[len(p.events)-1]; last != "sentimmediately $out" {
		t.Fatalf("event %q", last)
	}
	p.fails(p.call(SendFuture, future(5000)), "unsupported", "at once")
	if p.actions() != "" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestReceiptAfterTheDeadlineRaisesAnOrphan(t *testing.T) {
	p := proved(t, everything)
	call := p.call(SendFuture, future(60000))
	post := p.take("send_event")
	p.pass(10000)
	p.fails(call, "timeout", "")
	p.receive(with(post, "response", message{"room_id": room, "delay_id": "late"}))
	if last := p.events[len(p.events)-1]; last != "orphaned late<nil>" {
		t.Fatalf("events %v", p.events)
	}
	n := len(p.events)
	p.receive(with(post, "response", message{"room_id": room, "delay_id": "late"}))
	if len(p.events) != n {
		t.Fatal("a second receipt raised a second orphan")
	}
}

func TestReceiptAfterAnAbortRaisesAnOrphan(t *testing.T) {
	p := proved(t, everything)
	p.abort(p.call(SendFuture, future(60000)))
	p.answer("send_event", message{"room_id": room, "delay_id": "late"})
	if last := p.events[len(p.events)-1]; last != "orphaned late<nil>" {
		t.Fatalf("events %v", p.events)
	}
}

func TestLateEventIDIsSentImmediately(t *testing.T) {
	p := negotiated(t, protocol.Futures, everything)
	p.abort(p.call(SendFuture, future(60000)))
	p.answer("send_event", message{"room_id": room, "event_id": "$late"})
	if last := p.events[len(p.events)-1]; last != "sentimmediately $late" {
		t.Fatalf("events %v", p.events)
	}
	p.fails(p.call(SendFuture, future(5000)), "unsupported", "at once")
}

func TestLateReceiptsAreForgottenAfterTenMinutesAndBeyond256(t *testing.T) {
	p := proved(t, everything)
	p.abort(p.call(SendFuture, future(60000)))
	old := p.take("send_event")
	p.pass(10*60*1000 + 1)
	n := len(p.events)
	p.receive(with(old, "response", message{"delay_id": "old"}))
	if len(p.events) != n {
		t.Fatalf("events %v", p.events)
	}
	var posts []message
	for range 257 {
		p.abort(p.call(SendFuture, future(60000)))
		posts = append(posts, p.take("send_event"))
	}
	p.pass(10000) // until then each still has its place
	for _, post := range posts {
		p.receive(with(post, "response", message{"delay_id": "d"}))
	}
	if got := len(p.events) - n; got != 256 {
		t.Fatalf("%d orphans", got)
	}
}

func TestExpiryCountsFromThePostNotFromTheReceipt(t *testing.T) {
	p := proved(t, everything)
	posted := p.now.Wall
	call := p.call(SendFuture, future(8000))
	p.pass(3000)
	p.answer("send_event", message{"room_id": room, "delay_id": "d"})
	if got := p.succeeds(call)["expiresAt"]; got != posted+8000 {
		t.Fatalf("expiresAt is %v after the post", got.(float64)-posted)
	}
}
