package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func (p *page) openIDDecision(original any, decision string) {
	p.t.Helper()
	p.request("openid_credentials", message{"original_request_id": original, "state": decision, "access_token": "t"})
}

// asked is a page whose host asks the user about the call; id is the request's.
func askedOpenID(t *testing.T, args message) (p *page, call int32, id any) {
	p = negotiated(t, protocol.Auto, everything)
	call = p.call(OpenID, args)
	id = p.posts[0]["requestId"]
	p.answer("get_openid", message{"state": "request"})
	if _, ended := p.ended[call]; ended {
		t.Fatal("settled before the user has decided")
	}
	p.replys = nil
	return p, call, id
}

func (p *page) lastReply() message { return p.replys[len(p.replys)-1]["response"].(message) }

func TestOpenIDTokenComesWithTheAnswerOrAfterTheUserHasDecided(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(OpenID, message{})
	p.answer("get_openid", message{"state": "allowed", "access_token": "t"})
	p.succeeds(call)

	p, call, id := askedOpenID(t, message{})
	p.openIDDecision(id, "allowed")
	p.succeeds(call)
	if got := p.ended[call].fields["body"].(message)["access_token"]; got != "t" {
		t.Fatalf("the token is %v", got)
	}
	if p.lastReply()["error"] != nil {
		t.Fatalf("answered %v", p.lastReply())
	}
	p.openIDDecision(id, "allowed") // once more: nobody waits
}

func TestOnlyCredentialsAreAcknowledgedForSpeakingOfARequestOfOurs(t *testing.T) {
	p, _, id := askedOpenID(t, message{})
	p.request("screenshot", message{"original_request_id": id})
	if p.lastReply()["error"] == nil {
		t.Fatalf("answered %v", p.lastReply())
	}
}

func TestUserIsWaitedForAsLongAsSaidWhereAnswersMayTakeLonger(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything, func(c *Config) {
		c.Session.DeadlineMs, c.Session.HandshakeMs = 60000, 20000
	})
	p.pass(30000) // nothing else wakes the core by then
	call := p.call(OpenID, message{})
	p.answer("get_openid", message{"state": "request"})
	p.pass(19000)
	if _, ended := p.ended[call]; ended {
		t.Fatal("the user had 20 s")
	}
	p.pass(1000)
	p.fails(call, "timeout", "did not decide")
}

func TestUserWhoDeclinesRefusesTheOpenIDToken(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(OpenID, message{})
	p.answer("get_openid", message{"state": "blocked"})
	p.fails(call, "host", "declined")

	p, call, id := askedOpenID(t, message{})
	p.openIDDecision(id, "blocked")
	p.fails(call, "host", "declined")
}

func TestOpenIDAnswersWithoutADecisionAreBad(t *testing.T) {
	for _, state := range []any{"yes", nil, 5, ""} {
		p := negotiated(t, protocol.Auto, everything)
		call := p.call(OpenID, message{})
		p.answer("get_openid", message{"state": state})
		p.fails(call, "bad_response", "response.state")
	}
	p, call, id := askedOpenID(t, message{})
	p.openIDDecision(id, "request")
	p.fails(call, "bad_response", "data.state")
}

func TestCredentialsOfAnotherRequestSettleNothing(t *testing.T) {
	p, call, _ := askedOpenID(t, message{})
	for _, other := range []any{"widgetapi-1", prefix + "99", nil, 1} {
		p.openIDDecision(other, "allowed")
		if _, ended := p.ended[call]; ended {
			t.Fatalf("settled by the credentials of %v", other)
		}
	}
	if p.lastReply()["error"] == nil {
		t.Fatalf("credentials that nobody asked for were answered %v", p.lastReply())
	}
}

func TestTwoOpenIDRequestsGetEachItsOwn(t *testing.T) {
	p, first, one := askedOpenID(t, message{})
	second := p.call(OpenID, message{})
	two := p.posts[0]["requestId"]
	p.answer("get_openid", message{"state": "request"})
	p.openIDDecision(two, "blocked")
	p.fails(second, "host", "declined")
	p.openIDDecision(one, "allowed")
	p.succeeds(first)
}

func TestOpenIDDecisionIsWaitedForAsLongAsPeopleMayTake(t *testing.T) {
	p, call, _ := askedOpenID(t, message{})
	p.pass(119999)
	if _, ended := p.ended[call]; ended {
		t.Fatal("gave up too early")
	}
	p.pass(1)
	p.fails(call, "timeout", "decide")

	p, call, _ = askedOpenID(t, message{"deadlineMs": 300})
	p.pass(300)
	p.fails(call, "timeout", "decide")
}

func TestOpenIDThatIsGivenUpOrClosedIsSettledByNobodyElse(t *testing.T) {
	p, call, id := askedOpenID(t, message{})
	p.abort(call)
	p.openIDDecision(id, "allowed")
	if _, ended := p.ended[call]; ended {
		t.Fatal("an aborted call was settled")
	}
	if p.lastReply()["error"] != nil {
		t.Fatalf("the host was answered %v for a request of ours", p.lastReply())
	}

	p, call, _ = askedOpenID(t, message{})
	p.close()
	p.fails(call, "closed", "")
}
