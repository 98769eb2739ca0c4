package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// haunted is a hold of the key that starts while the leave of an earlier one,
// whose schedule nobody answered, may still fire.
func (p *page) haunted(stateKey string) (call int32, stray *sent) {
	p.t.Helper()
	first := p.hold()
	stray = p.of("schedule")
	stray.asked = true
	p.run(30000, p.willing)
	p.gaveUp(first)
	call = p.hold("stateKey", stateKey)
	p.recovers(call)
	p.echo()
	p.seen = len(p.sent)
	return call, stray
}

// replaced is a hold that starts while the leave of the one before is scheduled.
func (p *page) replaced(string) (call int32, stray *sent) {
	p.t.Helper()
	p.hold()
	stray = p.of("schedule")
	stray.asked = true
	call = p.hold()
	p.recovers(call)
	p.echo()
	p.seen = len(p.sent)
	return call, stray
}

func TestLeaveOfAnEarlierHoldThatMayFireIsOverwritten(t *testing.T) {
	for _, before := range []func(*page, string) (int32, *sent){(*page).haunted, (*page).replaced} {
		inFamilies(t, func(p *page) {
			call, stray := before(p, key)
			p.run(3*timeout, p.willing)
			states := p.news("state")
			if len(states) == 0 {
				p.t.Fatalf("sent %s", p.script(p.seen))
			}
			p.between("the state", states[0].at.Mono-stray.at.Mono, timeout, timeout+3000)
			p.stands(call, "held")
		})
	}
}

func TestLeavesOfAllEarlierHoldsCount(t *testing.T) {
	inFamilies(t, func(p *page) {
		var strays []*sent
		for range 3 {
			call := p.hold()
			stray := p.of("schedule")
			stray.asked, strays = true, append(strays, stray)
			p.run(10000, p.willing)
			p.gaveUp(call)
		}
		call := p.hold()
		p.recovers(call)
		p.seen = len(p.sent)
		p.run(3*timeout, p.willing)
		for _, stray := range strays {
			found := false
			for _, at := range times(p.news("state")) {
				found = found || at >= stray.at.Mono+timeout && at <= stray.at.Mono+timeout+3000
			}
			if !found {
				p.t.Fatalf("states at %v, a leave since %v", times(p.news("state")), stray.at.Mono)
			}
		}
		p.stands(call, "held")
	})
}

func TestLeaveOfAnEarlierHoldIsCancelledWhenItsReceiptComes(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, stray := p.haunted(key)
		p.reply(stray, p.receipt(stray, 9))
		p.run(3*timeout, p.willing)
		if list := p.news("cancel"); len(list) == 0 || list[0].id != "sec9" {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
		p.none("state", "schedule")
		p.stands(call, "held")
	})
}

func TestLeaveOfAnEarlierHoldIsNobodysBusinessOnAnotherKey(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, _ := p.haunted("another")
		p.run(3*timeout, p.willing)
		p.none("state", "schedule", "cancel")
		p.stands(call, "held")
	})
}

func TestLeaveOfAnEndedHoldIsCancelledAgainByTheNext(t *testing.T) {
	inFamilies(t, func(p *page) {
		first := p.hold()
		stray := p.of("schedule")
		stray.asked = true
		p.run(10000, p.willing)
		p.gaveUp(first)
		p.reply(stray, p.receipt(stray, 9))
		p.refuse("cancel", reply{status: 502})
		p.seen = len(p.sent)
		call := p.hold()
		p.run(10000, p.willing)
		if list := p.news("cancel"); len(list) != 1 || list[0].id != "sec9" {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
		p.stands(call, "held")
	})
}

func TestHoldThatJoinedWithoutAFutureTakesOneThatComesLate(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold("withoutFuture", true)
		schedule := p.of("schedule")
		schedule.asked = true
		p.run(10000, p.willing)
		p.succeeds(call)
		p.reply(schedule, p.receipt(schedule, 9))
		p.run(20000, p.willing)
		if k := p.stands(call, "held"); len(k.armed) != 1 || len(p.news("refresh")) < 2 {
			p.t.Fatalf("armed %v, sent %s", k.armed, p.script(0))
		}
		p.reply(p.until("refresh"), spent)
		if k := p.recovers(call); len(k.armed) != 2 {
			p.t.Fatalf("armed %v", k.armed)
		}
	})
}

func TestOnlyTheLatestOfWhatWasHeardIsRemembered(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	call := p.hold()
	p.grant("schedule")
	for n := range 100 {
		p.request("send_event", told(other, "$x"+itoa(int32(n))))
	}
	h := p.c.keepers[0].hold
	if len(h.place.room.told) != maxTold {
		t.Fatalf("%d remembered", len(h.place.room.told))
	}
	p.request("send_event", told(own, "$s1"))
	p.request("send_event", told(other, "$kick"))
	p.grant("state")
	p.fails(call, "spent", "displaced")
}

func TestLateReceiptOfAStateSavesTheNextAttempt(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, state := p.overdue()
		p.reply(state, p.receipt(state, 2))
		p.run(20000, p.willing)
		p.none("state")
		p.stands(call, "held")
		release := p.release(call)
		p.grant("send") // nothing is waited for any more
		p.released(call, release)
	})
}

func TestWhatIsHeardBeforeTheEchoOfAStateUnderWayMayBeOld(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold()
		p.grant("schedule")
		p.request("update_state", message{"state": []any{told(other, "$old"), told(own, "$yesterday"), told(own, "$s1")}})
		p.grant("state", "refresh")
		p.succeeds(call)
		if k := p.recovers(call); len(k.armed) != 1 || len(p.news("state")) != 1 {
			p.t.Fatalf("armed %v, sent %s", k.armed, p.script(0))
		}
	})
}
