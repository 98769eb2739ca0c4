package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func withServer(c *Config) { c.HomeserverURL = "https://hs.example.org/" }

var (
	delayedFuture = message{"dialect": "delayed", "delayId": "d1", "timeoutMs": 5000, "roomId": room}
	tokenFuture   = message{
		"dialect": "futures", "timeoutMs": 5000, "sendToken": "s/1", "cancelToken": "c1", "refreshToken": "r1",
	}
)

func TestVerbsOfDelayedFuturesAreUpdateActions(t *testing.T) {
	for kind, action := range map[CallKind]string{RefreshFuture: "restart", CancelFuture: "cancel", SendFutureNow: "send"} {
		p := negotiated(t, protocol.Auto, everything)
		call := p.call(kind, delayedFuture)
		data := p.posts[0]["data"].(message)
		if p.posts[0]["action"] != updateAction || data["delay_id"] != "d1" || data["action"] != action || len(data) != 2 {
			t.Fatalf("posted %v", p.posts[0])
		}
		posted := p.now.Wall
		p.pass(100)
		p.answer(updateAction, message{})
		got := p.succeeds(call)
		if kind == RefreshFuture && got["expiresAt"] != posted+5000 {
			t.Fatalf("refresh answered %v", got)
		}
		if kind != RefreshFuture && got["ended"] != true {
			t.Fatalf("%s answered %v", action, got)
		}
	}
}

func TestVerbNeedsTheUpdateCapability(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{})
	p.fails(p.call(RefreshFuture, delayedFuture), "capability", protocol.CapUpdateDelayed)
	if p.actions() != "" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestVerbsOfTokenFuturesArePostedToTheHomeserver(t *testing.T) {
	for kind, url := range map[CallKind]string{
		RefreshFuture: "https://hs.example.org/_matrix/client/v3/future/r1",
		CancelFuture:  "https://hs.example.org/_matrix/client/v3/future/c1",
		SendFutureNow: "https://hs.example.org/_matrix/client/v3/future/s%2F1",
	} {
		p := negotiated(t, protocol.Futures, everything, withServer)
		call := p.call(kind, tokenFuture)
		if len(p.urls) != 1 || p.urls[0].url != url || p.actions() != "" {
			t.Fatalf("posted %v %q", p.urls, p.actions())
		}
		p.httpDone(p.urls[0].serial, 200, message{})
		p.succeeds(call)
	}
}

func TestTokenVerbsDoNotWaitForTheHost(t *testing.T) {
	p := embedded(t, protocol.Futures, withServer)
	call := p.call(SendFutureNow, tokenFuture)
	p.httpDone(p.urls[0].serial, 200, message{})
	p.succeeds(call)
}

func TestTokenPathIsTheDialectsUnlessGiven(t *testing.T) {
	p := negotiated(t, protocol.FuturesPrefixed, everything, withServer)
	p.call(CancelFuture, with(tokenFuture, "dialect", "futures-prefixed"))
	p.c.cfg.TokenPath = "/own/{token}/do"
	p.call(CancelFuture, tokenFuture)
	if p.urls[0].url != "https://hs.example.org/_matrix/client/v1/future/c1" || p.urls[1].url != "https://hs.example.org/own/c1/do" {
		t.Fatalf("posted %v", p.urls)
	}
}

func TestTokensThatWouldLeaveTheirPathAreInvalid(t *testing.T) {
	p := negotiated(t, protocol.Futures, everything, withServer)
	for _, token := range []string{".", ".."} {
		p.fails(p.call(CancelFuture, with(tokenFuture, "cancelToken", token)), "invalid", "cancelToken")
	}
	p.call(CancelFuture, with(tokenFuture, "cancelToken", "../x?y#z"))
	if len(p.urls) != 1 || p.urls[0].url != "https://hs.example.org/_matrix/client/v3/future/..%2Fx%3Fy%23z" {
		t.Fatalf("posted %v", p.urls)
	}
}

func TestRefusedVerbsAreToldApart(t *testing.T) {
	for _, test := range []struct {
		name    string
		status  int
		errcode any
		code    string
	}{
		{"unknown id", 404, "M_NOT_FOUND", "spent"},
		{"conflict", 409, "M_UNKNOWN", "spent"},
		{"spent token", 410, "M_UNKNOWN", "spent"},
		{"unknown endpoint", 404, "M_UNRECOGNIZED", "unsupported"},
		{"wrong method", 405, "M_UNRECOGNIZED", "unsupported"},
		{"rate limit", 429, "M_LIMIT_EXCEEDED", "matrix"},
		{"server fault", 502, nil, "matrix"},
		{"a 404 of no homeserver", 404, nil, "matrix"},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := with(message{"errcode": test.errcode, "error": "told"}, "retry_after_ms", 2000)
			if test.errcode == nil {
				body = message{}
			}
			p := negotiated(t, protocol.Auto, everything)
			call := p.call(RefreshFuture, delayedFuture)
			p.answer(updateAction, message{"error": message{"message": "Error updating delayed event", "matrix_api_error": message{
				"http_status": test.status, "http_headers": message{}, "url": "", "response": body,
			}}})
			p.fails(call, test.code, "Error updating delayed event")
			p = negotiated(t, protocol.Futures, everything, withServer)
			call = p.call(RefreshFuture, tokenFuture)
			p.httpDone(p.urls[0].serial, test.status, body)
			p.fails(call, test.code, "")
			if got := p.ended[call].fields["httpStatus"]; got != float64(test.status) {
				t.Fatalf("httpStatus %v", got)
			}
		})
	}
}

func TestRateLimitSaysHowLongToWait(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	limited := func(headers message) message {
		return message{"error": message{"message": "x", "matrix_api_error": message{
			"http_status": 429, "http_headers": headers,
			"response": message{"errcode": "M_LIMIT_EXCEEDED", "error": "slow", "retry_after_ms": 2000},
		}}}
	}
	for _, test := range []struct {
		headers message
		want    float64
	}{{message{"retry-after": "3"}, 3000}, {message{}, 2000}, {message{"retry-after": "soon"}, 2000}} {
		call := p.call(RefreshFuture, delayedFuture)
		p.answer(updateAction, limited(test.headers))
		p.fails(call, "matrix", "x")
		if got := p.ended[call].fields["retryAfterMs"]; got != test.want {
			t.Errorf("%v: retryAfterMs %v", test.headers, got)
		}
	}
}

func TestHostRefusalWithoutDetailPassesItsMessageThrough(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(SendFutureNow, delayedFuture)
	p.answer(updateAction, refusing("Error updating delayed event"))
	p.fails(call, "host", "Error updating delayed event")
}

func TestTokenPostHasADeadlineAndCanBeAborted(t *testing.T) {
	p := negotiated(t, protocol.Futures, everything, withServer)
	slow := p.call(RefreshFuture, with(tokenFuture, "deadlineMs", 500))
	p.abort(p.call(CancelFuture, tokenFuture))
	p.pass(499)
	if len(p.hung) != 1 {
		t.Fatalf("hung up %v", p.hung)
	}
	p.pass(1)
	p.fails(slow, "timeout", "homeserver")
	if len(p.hung) != 2 {
		t.Fatalf("hung up %v", p.hung)
	}
	p.httpDone(p.urls[0].serial, 200, message{})
	p.httpDone(p.urls[1].serial, 200, message{})
}

func TestHomeserverOutOfReachIsAHostErrorWithAHint(t *testing.T) {
	p := negotiated(t, protocol.Futures, everything, withServer)
	call := p.call(RefreshFuture, tokenFuture)
	p.httpDone(p.urls[0].serial, 0, nil)
	p.fails(call, "host", "no answer")
}

func TestFutureThatAnswersInAnotherGenerationIsManagedInThatOne(t *testing.T) {
	p := negotiated(t, protocol.Futures, everything)
	call := p.call(SendFuture, future(5000))
	p.answer("send_event", message{"room_id": room, "delay_id": "d"})
	saved := p.succeeds(call)
	if saved["dialect"] != "delayed" {
		t.Fatalf("future %v", saved)
	}
	verb := p.call(CancelFuture, saved)
	p.answer(updateAction, message{})
	p.succeeds(verb)
}
