package future

import (
	"slices"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func TestReleaseBeforeTheStartIsOverEndsBoth(t *testing.T) {
	for _, granted := range stages {
		inFamilies(t, func(p *page) {
			call := p.hold(leftContent...)
			p.grant(granted...)
			release := p.release(call)
			p.run(20000, p.willing)
			if o, ended := p.ended[call]; !ended || o.ok && len(granted) < 2 {
				p.t.Fatalf("the start ended with %v", o)
			}
			p.succeeds(release)
			if !p.keeps[call].over || len(p.news("state")) > 2 {
				p.t.Fatalf("over %v, sent %s", p.keeps[call].over, p.script(0))
			}
		})
	}
}

func TestUpdateBeforeTheStartIsOverIsSentInItsPlaceOrAfterIt(t *testing.T) {
	for _, granted := range stages {
		inFamilies(t, func(p *page) {
			call := p.hold()
			p.grant(granted...)
			update := p.update(call, 2)
			p.run(1000, p.willing)
			p.succeeds(call)
			p.succeeds(update)
			p.stands(call, "held")
			p.says(2)
		})
	}
}

func TestPagesOwnRefreshCountsForWhatIsKept(t *testing.T) {
	inKeeping(t, func(p *page, call int32, good string) {
		p.skip(5000)
		p.call(RefreshFuture, p.saved("sec1", timeout))
		posted := p.now.Wall
		p.grant("refresh")
		if k := p.stands(call, good); k.expiresAt != posted+timeout {
			p.t.Fatalf("expires %v after it", k.expiresAt-posted)
		}
	})
}

func TestPagesOwnSendOfTheLeaveReleasesTheHold(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.call(SendFutureNow, p.saved("sec1", timeout))
		p.grant("send")
		p.run(timeout, p.willing)
		p.ends(call, "released")
		p.sees("send sec1")
	})
}

func TestPagesOwnCancelOfTheLeaveIsScheduledAnew(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.call(CancelFuture, p.saved("sec1", timeout))
		p.grant("cancel")
		p.run(1000, p.willing)
		if k := p.stands(call, "held"); len(k.armed) != 2 || len(p.news("state")) > 0 {
			p.t.Fatalf("armed %v, sent %s", k.armed, p.script(p.seen))
		}
	})
}

// Two pages that hold the same state under one name would overwrite each other
// for ever.
func TestStateThatIsOverwrittenInOurNameAgainAndAgainIsGivenUp(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.echoed()
		for n := range 12 {
			if p.keeps[call].status() == "displaced" {
				break
			}
			p.request("send_event", told(own, "$theirs"+itoa(int32(n))))
			p.run(1000, p.willing)
			p.request("send_event", told(own, "$s"+itoa(int32(n+2))))
		}
		p.stands(call, "displaced")
		if n := len(p.news("state")); n != 3 {
			p.t.Fatalf("the state was sent %d times", n)
		}
		p.run(20000, p.willing)
		p.ends(call, "displaced")
	})
}

// A server calls a leave finished a moment before it is in the room: what is sent
// then may meet our old state, and is not written (Synapse, wire.md §2.5).
func TestStateIsSentOnceMoreWhenALeaveThatFiredHasSurelyLanded(t *testing.T) {
	old := reply{status: 200, body: message{"room_id": room, "event_id": "$s1"}}
	inHeld(t, func(p *page, call int32) {
		p.now.Wall += timeout
		p.tick()
		p.refuse("refresh", spent)
		gone := p.now.Mono
		p.grant("schedule")
		p.refuse("state", old)
		p.grant("refresh")
		p.seen = len(p.sent)
		p.run(timeout, p.willing)
		states := p.news("state")
		if len(states) != 1 {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
		p.between("the second", states[0].at.Mono-gone, landingMs, landingMs+100)
		p.stands(call, "held")
	})
}

func TestMessageIsNoStateOfTheEmptyKey(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.held("stateKey", "")
		p.request("send_event", told(own, "$s1", "state_key", ""))
		p.request("send_event", told(other, "$message", "state_key", nil))
		p.request("send_event", told(other, "$message", "state_key", 5))
		p.request("send_event", told(other, "", "state_key", ""))
		p.stands(call, "held")
		p.request("send_event", told(other, "$kick", "state_key", ""))
		p.stands(call, "displaced")
	})
}

func TestTokensCannotBeHeldWithoutAHomeserver(t *testing.T) {
	p := negotiated(t, protocol.Futures, everything)
	p.seen = len(p.sent)
	call := p.hold()
	p.fails(call, "invalid", "homeserverUrl")
	p.sees("")
	p.gaveUp(call)
}

func TestFutureOfAHoldCanBeKeptAliveBesideIt(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		keep := p.call(KeepAlive, p.keeps[call].armed[0])
		p.run(3*timeout, p.willing)
		p.stands(call, "held")
		p.stands(keep, "alive")
		p.abort(keep)
		p.ends(keep, "stopped")
		p.run(3*timeout, p.willing)
		p.stands(call, "held")
	})
}

func TestHoldSpeaksEveryDialect(t *testing.T) {
	dotted := protocol.ActUpdateDelayedDotted.String()
	onlyDotted := append(slices.DeleteFunc(slices.Clone(everything), func(c string) bool { return c == protocol.CapUpdateDelayed }),
		protocol.CapUpdateDelayedDotted)
	for _, test := range []struct {
		dialect  protocol.Dialect
		approved []string
		action   string // of the verbs; "": to a URL
		url      string
	}{
		{protocol.Auto, everything, updateAction, ""},
		{protocol.Auto, onlyDotted, dotted, ""},
		{protocol.DelayedDotted, onlyDotted, dotted, ""},
		{protocol.FuturesPrefixed, everything, "", server + "/_matrix/client/v1/future/sec1-refresh"},
	} {
		p := negotiated(t, test.dialect, test.approved, withServer)
		call := p.hold()
		if test.action != "" {
			p.answer(test.action, refusing("missing delay_id"))
			p.answer("random.action", refusing("Unknown action"))
		}
		p.grant("schedule", "state")
		if s := p.of("refresh"); s.url != test.url || test.action != "" && s.message["action"] != test.action {
			t.Fatalf("%v: refreshed by %v %s", test.dialect, s.message, s.url)
		}
		p.recovers(call)
		p.reply(p.until("refresh"), spent)
		p.recovers(call)
		release := p.release(call)
		p.grant("send")
		p.released(call, release)
	}
}
