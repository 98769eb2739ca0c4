package homeserver

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestBrokenRequestsAreAnsweredInMatrixForm(t *testing.T) {
	w := newWorld(t, Options{})
	send := w.roomPath("send/x/t")
	elsewhere := "/_matrix/client/v3/rooms/!nowhere:hs.test/send/x/t"
	for _, c := range []struct {
		status       int
		code         string
		method, path string
		as           Account
		body         any
	}{
		{400, codeNotJSON, "PUT", send, w.alice, `{"a":`},
		{400, codeNotJSON, "PUT", send, w.alice, ``},
		{400, codeNotJSON, "PUT", send, w.alice, `{} {}`},
		{400, codeNotJSON, "PUT", send, w.alice, "{\"a\":\"\xff\"}"},
		{400, codeBadJSON, "PUT", send, w.alice, `[]`},
		{400, codeBadJSON, "PUT", send, w.alice, `null`},
		{400, codeBadJSON, "PUT", send, w.alice, `{"a":[{"b":1.5}]}`},
		{400, codeBadJSON, "PUT", send, w.alice, `{"a":9007199254740993}`},
		{413, codeTooLarge, "PUT", send, w.alice, `{"a":"` + strings.Repeat("a", maxBody) + `"}`},
		{413, codeTooLarge, "PUT", w.roomPath("send/" + strings.Repeat("a", 256) + "/t"), w.alice, `{}`},
		{404, codeUnrecognized, "PUT", "/_matrix/client/v3/nothing", w.alice, `{}`},
		{404, codeUnrecognized, "GET", "/", w.alice, nil},
		{404, codeUnrecognized, "PUT", w.roomPath("send/x/"), w.alice, `{}`},
		{405, codeUnrecognized, "DELETE", send, w.alice, nil},
		{401, codeMissingToken, "PUT", send, Account{}, `{}`},
		{401, codeUnknownToken, "PUT", send, Account{AccessToken: "wrong"}, `{}`},
		{403, codeForbidden, "PUT", elsewhere, w.alice, `{}`},
		{404, codeNotFound, "PUT", elsewhere + "?org.matrix.msc4140.delay=1", w.alice, `{}`},
		{403, codeForbidden, "GET", "/_matrix/client/v3/rooms/!nowhere:hs.test/state", w.alice, nil},
		{403, codeForbidden, "GET", w.roomPath("messages?dir=f"), w.register("stranger"), nil},
		{400, codeInvalidParam, "GET", w.roomPath("messages"), w.alice, nil},
		{400, codeInvalidParam, "GET", w.roomPath("messages?dir=f&from=x"), w.alice, nil},
		{400, codeInvalidParam, "GET", w.roomPath("messages?dir=f&limit=0"), w.alice, nil},
		{404, codeNotFound, "GET", w.roomPath("state/nothing/here"), w.alice, nil},
		{400, codeUserInUse, "POST", "/_matrix/client/v3/register", Account{}, `{"username":"alice"}`},
		{400, codeInvalidName, "POST", "/_matrix/client/v3/register", Account{}, `{"username":"Alice Smith"}`},
		{400, codeBadJSON, "POST", "/_matrix/client/v3/register", Account{}, `{"username":7}`},
	} {
		w.refused(c.status, c.code, c.method, c.path, c.as, c.body)
	}
	if n := w.count("x"); n != 0 {
		t.Fatalf("%d refused events are in the room", n)
	}
}

func TestEveryAnswerLetsEveryOriginReadIt(t *testing.T) {
	w := newWorld(t, Options{})
	recorder := w.do("OPTIONS", w.roomPath("send/x/t"), Account{}, nil)
	if recorder.Code != http.StatusNoContent || recorder.Body.Len() > 0 {
		t.Fatalf("preflight: %d", recorder.Code)
	}
	if h := recorder.Header(); h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "PUT") ||
		!strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Fatalf("preflight: %v", h)
	}
}

func TestTheSameTransactionIsOneEventAndItsIdIsShownToItsDeviceOnly(t *testing.T) {
	w := newWorld(t, Options{})
	first := w.ok("PUT", w.roomPath("send/x/t"), w.alice, map[string]any{"n": 1})
	again := w.ok("PUT", w.roomPath("send/x/t"), w.alice, map[string]any{"n": 2})
	other := w.ok("PUT", w.roomPath("send/x/t"), w.moderator, map[string]any{"n": 3})
	if first["event_id"] != again["event_id"] || first["event_id"] == other["event_id"] || w.count("x") != 2 {
		t.Fatalf("got %v, %v, %v and %d events", first, again, other, w.count("x"))
	}
	for _, e := range w.timeline(w.alice) {
		own := e["sender"] == w.alice.UserID && e["type"] == "x"
		if got := e["unsigned"].(map[string]any)["transaction_id"]; (got == "t") != own || got != nil && !own {
			t.Errorf("alice reads transaction %v on %v", got, e)
		}
	}
}

func TestTheSameStateFromTheSameSenderIsNotWrittenTwice(t *testing.T) {
	w := newWorld(t, Options{})
	first := w.ok("PUT", w.roomPath("state/x/k"), w.alice, map[string]any{"a": 1, "b": 2})
	again := w.ok("PUT", w.roomPath("state/x/k"), w.alice, `{"b":2, "a":1}`)
	if first["event_id"] != again["event_id"] {
		t.Fatalf("got %v, then %v", first, again)
	}
	if other := w.ok("PUT", w.roomPath("state/x/k"), w.moderator, map[string]any{"a": 1, "b": 2}); other["event_id"] == first["event_id"] {
		t.Fatal("the same state from another sender is another event")
	}
}

func TestStateKeysMayHoldWhatAPathEscapes(t *testing.T) {
	w := newWorld(t, Options{})
	for _, key := range []string{"a/b", "#", "%", "ü", "..", "?"} {
		path := w.roomPath("state/x/" + url.PathEscape(key))
		w.ok("PUT", path, w.alice, map[string]any{"key": key})
		if got := w.ok("GET", path, w.alice, nil)["key"]; got != key {
			t.Errorf("%q reads %v", key, got)
		}
	}
}

func TestTheTimelinePagesBothWaysAndForwardsNeverEnds(t *testing.T) {
	w := newWorld(t, Options{})
	for _, txn := range []string{"1", "2", "3"} {
		w.ok("PUT", w.roomPath("send/x/"+txn), w.alice, map[string]any{})
	}
	all := w.timeline(w.alice)
	from, seen := "", []any{}
	for range len(all)/2 + 1 {
		page := w.ok("GET", w.roomPath("messages?dir=f&limit=2&from="+from), w.alice, nil)
		seen = append(seen, page["chunk"].([]any)...)
		from = page["end"].(string)
	}
	if len(seen) != len(all) {
		t.Fatalf("%d of %d events", len(seen), len(all))
	}
	if page := w.ok("GET", w.roomPath("messages?dir=f&from="+from), w.alice, nil); len(page["chunk"].([]any)) != 0 || page["end"] != from {
		t.Fatalf("at the end: %v", page)
	}
	w.ok("PUT", w.roomPath("send/x/4"), w.alice, map[string]any{})
	if page := w.ok("GET", w.roomPath("messages?dir=f&from="+from), w.alice, nil); len(page["chunk"].([]any)) != 1 {
		t.Fatalf("after one more event: %v", page)
	}
	back := w.ok("GET", w.roomPath("messages?dir=b&limit=1000"), w.alice, nil)
	if chunk := back["chunk"].([]any); len(chunk) != len(all)+1 || chunk[len(chunk)-1].(map[string]any)["type"] != "m.room.create" || back["end"] != nil {
		t.Fatalf("backwards: %v", back)
	}
}

func TestWhoMayNotWriteOrJoinIsRefused(t *testing.T) {
	w := newWorld(t, Options{})
	carol := w.register("carol")
	private := w.ok("POST", "/_matrix/client/v3/createRoom", w.alice, map[string]any{"invite": []string{w.moderator.UserID}})["room_id"].(string)
	w.refused(http.StatusForbidden, codeForbidden, "POST", "/_matrix/client/v3/join/"+private, carol, map[string]any{})
	w.ok("POST", "/_matrix/client/v3/join/"+private, w.moderator, map[string]any{})
	w.refused(http.StatusForbidden, codeForbidden, "PUT", "/_matrix/client/v3/rooms/"+private+"/state/x", w.moderator, map[string]any{})
	w.ok("PUT", "/_matrix/client/v3/rooms/"+private+"/state/x", w.alice, map[string]any{})

	w.refused(http.StatusForbidden, codeForbidden, "PUT", w.roomPath("state/x/"+w.moderator.UserID), w.alice, map[string]any{})
	w.ok("PUT", w.roomPath("state/x/_"+w.moderator.UserID+"_DEV"), w.alice, map[string]any{})
	kick := w.roomPath("state/m.room.member/" + w.moderator.UserID)
	w.refused(http.StatusForbidden, codeForbidden, "PUT", kick, w.alice, map[string]any{"membership": "leave"})

	ban := map[string]any{"membership": "ban"}
	w.ok("PUT", w.roomPath("state/m.room.member/"+w.alice.UserID), w.moderator, ban)
	w.refused(http.StatusForbidden, codeForbidden, "POST", "/_matrix/client/v3/join/"+w.room, w.alice, map[string]any{})
	w.refused(http.StatusForbidden, codeForbidden, "PUT", w.roomPath("send/x/t"), w.alice, map[string]any{})
}

func TestARefusedRoomLeavesNothingBehind(t *testing.T) {
	w := newWorld(t, Options{})
	rooms := len(w.server.rooms)
	for _, body := range []string{
		`{"room_version":"1"}`, `{"preset":"secret"}`, `{"power_level_content_override":{"users_default":"many"}}`,
		`{"initial_state":[{"type":"m.room.create","content":{}}]}`,
	} {
		if recorder := w.do("POST", "/_matrix/client/v3/createRoom", w.alice, body); recorder.Code < 400 || recorder.Code > 499 {
			t.Errorf("%s: %d %s", body, recorder.Code, recorder.Body)
		}
	}
	if len(w.server.rooms) != rooms {
		t.Fatalf("%d rooms, before %d", len(w.server.rooms), rooms)
	}
}
