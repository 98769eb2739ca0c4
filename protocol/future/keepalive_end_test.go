package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

func TestBadArgumentsOfAKeepAliveFailAtOnceAndNameTheField(t *testing.T) {
	for _, test := range []struct {
		field string
		value any
		code  string
	}{
		{"everyMs", 0, "invalid"},
		{"everyMs", -5, "invalid"},
		{"everyMs", "x", "invalid"},
		{"everyMs", 1e12, "invalid"},
		{"everyMs", true, "invalid"},
		{"attemptDeadlineMs", 0, "invalid"},
		{"attemptDeadlineMs", "x", "invalid"},
		{"attemptDeadlineMs", 1e12, "invalid"},
		{"overlap", 0, "invalid"},
		{"overlap", 4, "invalid"},
		{"overlap", 1.5, "invalid"},
		{"overlap", "2", "invalid"},
		{"dialect", "x", "invalid"},
		{"dialect", "none", "invalid"},
		{"dialect", nil, "invalid"},
	} {
		for _, dialect := range families {
			p := trusted(t, dialect)
			call := p.keepAlive("sec7", timeout, test.field, test.value)
			p.fails(call, test.code, test.field)
			p.sees("")
			if p.steady {
				t.Errorf("%s %v: a steady clock is asked for", test.field, test.value)
			}
		}
	}
	p := trusted(t, protocol.Delayed)
	p.fails(p.keepAlive("sec7", timeout, "delayId", ""), "invalid", "delayId")
	p.fails(p.keepAlive("sec7", timeout, "ended", true), "spent", "gone")
	p = trusted(t, protocol.Futures)
	p.fails(p.keepAlive("sec7", timeout, "refreshToken", 5), "invalid", "refreshToken")
	p.fails(p.keepAlive("sec7", timeout, "refreshToken", nil), "unsupported", "refreshToken")
}

func TestActionFutureCannotBeKeptAlive(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.keepAlive("sec7", timeout, "timeoutMs", nil, "expiresAt", nil, "refreshToken", nil, "groupId", "g")
		if code := p.ended[call].code(); code != "unsupported" && code != "invalid" {
			p.t.Fatalf("it fails with %q", code)
		}
		p.sees("")
	})
}

func TestTokensCannotBeKeptAliveWithoutAHomeserver(t *testing.T) {
	p := trusted(t, protocol.Futures, func(c *Config) { c.HomeserverURL = "" })
	p.c.cfg.HomeserverURL = ""
	p.fails(p.keepAlive("sec7", timeout), "invalid", "homeserverUrl")
}

func TestKeepAliveWithoutTheUpdateCapabilityEndsWithoutAPost(t *testing.T) {
	p := negotiated(t, protocol.Delayed, []string{protocol.CapSendDelayed})
	p.seen = len(p.sent)
	call := p.keepAlive("sec7", timeout, "expiresAt", nil)
	p.sees("")
	if o, failed := p.ended[call]; failed {
		p.fails(call, "capability", protocol.CapUpdateDelayed)
		_ = o
		return
	}
	k := p.ends(call, "failed")
	if protocol.Code(k.last["code"].(float64)) != protocol.CodeCapability {
		t.Fatalf("it ends with %v", k.last)
	}
}

func TestOwnSendOrCancelStopsTheKeepAlive(t *testing.T) {
	for kind, verb := range map[CallKind]string{CancelFuture: "cancel", SendFutureNow: "send"} {
		inFamilies(t, func(p *page) {
			other := p.keepAlive("sec8", timeout)
			call := p.keepAlive("sec7", timeout)
			p.call(kind, p.saved("sec7", timeout))
			p.grant(verb)
			p.ends(call, "stopped")
			p.stands(other, "alive")
			p.seen = len(p.sent)
			p.run(timeout, p.willing)
			for _, s := range p.news("refresh") {
				if s.id != "sec8" {
					p.t.Fatalf("refreshed %s after %s", s.id, verb)
				}
			}
		})
	}
}

func TestRefreshThatMeetsAFutureEndedByUsIsNoLoss(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.keepAlive("sec7", timeout)
		p.pass(10000)
		p.call(CancelFuture, p.saved("sec7", timeout))
		p.refuse("refresh", spent) // overtook the answer to the cancel
		if k := p.keeps[call]; k.status() == "lost" {
			p.t.Fatalf("lost by our own cancel: %v", k.log)
		}
		p.grant("cancel")
		p.ends(call, "stopped")
	})
}

func TestLossIsALossWhenOurOwnVerbMetItToo(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.keepAlive("sec7", timeout)
		p.pass(10000)
		p.call(CancelFuture, p.saved("sec7", timeout))
		p.refuse("refresh", spent)
		p.refuse("cancel", spent)
		p.run(2*timeout, p.but("refresh", &spent))
		p.ends(call, "lost")
	})
}

func TestOwnVerbThatWasRefusedStopsNothing(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.keepAlive("sec7", timeout)
		p.call(CancelFuture, p.saved("sec7", timeout))
		p.refuse("cancel", reply{status: 502})
		p.seen = len(p.sent)
		p.run(timeout, p.willing)
		if p.stands(call, "alive"); len(p.news("refresh")) < 4 {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
	})
}

func TestStoppedKeepAliveHearsNoMore(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.keepAlive("sec7", timeout, "expiresAt", nil)
		s := p.of("refresh")
		p.abort(call)
		p.ends(call, "stopped")
		p.abort(call) // its number may be another's now
		p.reply(s, spent)
		p.pass(timeout)
		p.sees("refresh sec7")
	})
}

func TestCloseStopsKeepAlivesAndPostsNothing(t *testing.T) {
	inFamilies(t, func(p *page) {
		calls := []int32{p.keepAlive("sec7", timeout), p.keepAlive("sec8", timeout, "expiresAt", nil)}
		n := len(p.sent)
		p.close()
		for _, call := range calls {
			p.ends(call, "stopped")
		}
		p.run(10*timeout, silent)
		if len(p.sent) != n || p.c.Status() != session.Closed || p.steady {
			p.t.Fatalf("sent %s", p.script(n))
		}
		p.fails(p.keepAlive("sec7", timeout), "closed", "")
	})
}

func TestSteadyClockIsAskedForFromTheFirstToTheLast(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	first, second := p.keepAlive("sec1", timeout), p.keepAlive("sec2", timeout)
	if !p.steady {
		t.Fatal("no steady clock is asked for")
	}
	p.abort(first)
	if !p.steady {
		t.Fatal("the second keepAlive has no steady clock")
	}
	p.abort(second)
	if p.steady {
		t.Fatal("the steady clock is never given back")
	}
	p.keepAlive("sec3", timeout)
	if !p.steady {
		t.Fatal("no steady clock is asked for again")
	}
}

func TestKeepAliveThatBeginsBeforeTheHostIsReadyRefreshesAsSoonAsItCan(t *testing.T) {
	p := embedded(t, protocol.Delayed)
	p.start()
	p.answer("supported_api_versions", message{"supported_versions": hostVersions})
	call := p.keepAlive("sec7", timeout, "dialect", "delayed", "expiresAt", p.now.Wall+5000)
	p.seen = len(p.sent)
	p.pass(5000)
	p.sees("")
	p.stands(call, "maybeExpired")
	p.request("notify_capabilities", message{"requested": everything, "approved": everything})
	p.sees("refresh sec7")
	p.grant("refresh")
	p.stands(call, "alive")
}

func TestTokensAreRefreshedWithoutTheHost(t *testing.T) {
	p := embedded(t, protocol.Futures, withServer)
	call := p.keepAlive("sec7", timeout, "expiresAt", nil)
	p.sees("refresh sec7")
	p.grant("refresh")
	p.stands(call, "alive")
}
