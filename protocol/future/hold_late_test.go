package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// overdue is a hold one of whose states was given up without an answer.
func (p *page) overdue() (call int32, state *sent) {
	p.t.Helper()
	call = p.echoed(leftContent...)
	p.update(call, 2)
	state = p.of("state")
	p.run(10000, p.but("state", nil))
	p.seen = len(p.sent)
	return call, state
}

func TestStateThatLandsBehindTheLeaveIsFollowedByAnotherLeave(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, state := p.overdue()
		release := p.release(call)
		p.grant("send", "state") // the state may be on top of what was sent
		p.succeeds(release)
		p.sees("send sec1, state")
		p.reply(state, p.receipt(state, 2))
		p.left()
		p.grant("state")
		p.run(10000, p.willing)
		p.ends(call, "released")
	})
}

func TestStateThatLandsWhileThePlainLeaveIsUnderWayIsNotTakenForIt(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, state := p.overdue()
		release := p.release(call)
		p.refuse("send", spent)
		p.seen++
		p.left()
		p.reply(state, p.receipt(state, 2))
		p.unsettled(release)
		p.grant("state")
		p.left() // once more: nobody knows which of them came last
		p.run(10000, p.willing)
		p.released(call, release)
	})
}

func TestReleasedHoldWaitsAMinuteForWhatWasGivenUpAndNoLonger(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, _ := p.overdue()
		p.release(call)
		p.grant("send", "state")
		p.run(lingerMs-1, silent)
		if p.keeps[call].over {
			p.t.Fatal("over, and its state may land yet")
		}
		p.run(1, silent)
		p.ends(call, "released")
	})
}

func TestStateThatLandsLateIsOverwrittenByTheLatest(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, state := p.overdue()
		p.update(call, 3)
		p.run(6000, p.willing)
		p.stands(call, "held")
		p.seen = len(p.sent)
		p.reply(state, p.receipt(state, 2))
		p.run(1000, p.willing)
		p.wrote(3)
		p.stands(call, "held")
	})
}

func TestStateOfOursThatShowsUpUnansweredIsOverwrittenByTheLatest(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, _ := p.overdue()
		p.run(6000, p.willing)
		p.request("send_event", told(own, "$s3"))
		p.seen = len(p.sent)
		p.request("send_event", told(own, "$the-one-given-up"))
		if p.recovers(call); len(p.news("state")) != 1 {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
	})
}

func TestLateRefusalOfAScheduleThatWasGivenUpEndsNothing(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.reply(p.until("refresh"), spent)
		schedule := p.of("schedule")
		p.pass(10000)
		p.reply(schedule, errcode(401, "M_UNKNOWN_TOKEN"))
		p.stands(call, "lost")
		p.run(20000, p.willing)
		p.stands(call, "held")
	})
}

func TestScheduleThatWasRefusedLateIsNoStray(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, stray := p.straying()
		p.reply(stray, errcode(403, "M_FORBIDDEN"))
		p.run(3*timeout, p.willing)
		p.stands(call, "held")
		p.none("state")
	})
}

func TestUpdateOfAHoldThatIsReleasedOrHasFailedFails(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		release := p.release(call)
		p.fails(p.update(call, 2), "spent", "")
		p.run(1000, p.willing)
		p.succeeds(release)

		failed := p.hold("stateKey", "b")
		p.run(1000, p.willing)
		p.reply(p.until("refresh"), errcode(403, "M_FORBIDDEN"))
		p.stands(failed, "failed")
		p.seen = len(p.sent)
		p.fails(p.update(failed, 2), "spent", "")
		p.sees("")
	})
}

func TestTooManyKeepersAreBusyAndTheRestGoOn(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	for range maxKeepers {
		p.keepAlive("sec1", timeout)
	}
	p.fails(p.keepAlive("sec1", timeout), "busy", "")
	call := p.hold()
	p.fails(call, "busy", "")
	p.gaveUp(call)
	p.abort(1)
	p.abort(2)
	p.keepAlive("sec1", timeout)
	if k := p.keeps[p.calls]; k.status() != "alive" {
		t.Fatalf("it is %q", k.status())
	}
}

// A host that was restarted may carry a request out twice (Synapse answers the
// same id to the same transaction; hosts make a new one).
func TestSecondReceiptWithAnIDOfItsOwnIsAStray(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold()
		schedule := p.of("schedule")
		p.grant("schedule", "state", "refresh")
		p.reply(schedule, p.receipt(schedule, 9))
		p.reply(schedule, p.receipt(schedule, 9))
		p.reply(schedule, p.receipt(schedule, 1))
		if cancelled := p.news("cancel"); len(cancelled) != 1 || cancelled[0].id != "sec9" {
			p.t.Fatalf("sent %s", p.script(0))
		}
		if k := p.recovers(call); len(k.armed) != 1 || len(p.events) > 0 {
			p.t.Fatalf("armed %v, told %v", k.armed, p.events)
		}
	})
}

func TestSecondReceiptOfAPagesFutureIsAnOrphan(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.call(SendFuture, future(5000))
		schedule := p.of("schedule")
		p.grant("schedule")
		p.succeeds(call)
		p.reply(schedule, p.receipt(schedule, 1))
		if len(p.events) > 0 {
			p.t.Fatalf("told %v", p.events)
		}
		p.reply(schedule, p.receipt(schedule, 9))
		if len(p.events) != 1 {
			p.t.Fatalf("told %v", p.events)
		}
	})
}

func TestHoldThatCanDoNothingSleeps(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.reply(p.until("refresh"), errcode(403, "M_FORBIDDEN"))
		p.stands(call, "failed")
		hidden := p.hold("stateKey", "b")
		p.recovers(hidden)
		p.happens(PageHidden)
		p.pass(20000) // what is under way ends
		if p.wake < 1e300 {
			p.t.Fatalf("it wants to be woken in %v ms", p.wake-p.now.Mono)
		}
	})
}
