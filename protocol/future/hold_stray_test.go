package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// straying is a hold that is held by its second leave, while nobody answered
// for the first: a receipt that was lost, or a request.
func (p *page) straying() (call int32, stray *sent) {
	p.t.Helper()
	call = p.hold("deadlineMs", 100000)
	stray = p.of("schedule")
	stray.answered = true
	second := p.until("schedule")
	p.between("the second attempt", second.at.Mono-stray.at.Mono, 1, 10000+10000)
	p.grant("schedule", "state", "refresh")
	p.stands(call, "held")
	p.echo()
	p.seen = len(p.sent)
	return call, stray
}

func TestReceiptThatComesLateHasItsLeaveCancelled(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, stray := p.straying()
		p.reply(stray, p.receipt(stray, 9))
		p.sees("cancel sec9")
		p.grant("cancel")
		p.run(3*timeout, p.willing)
		if len(p.news("state")) > 0 || len(p.news("schedule")) > 0 || len(p.events) > 0 {
			p.t.Fatalf("sent %s, told %v", p.script(p.seen), p.events)
		}
		if k := p.stands(call, "held"); len(k.armed) != 1 {
			p.t.Fatalf("armed %v", k.armed)
		}
	})
}

func TestLeaveWhoseReceiptNeverComesCountsAsFiring(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, stray := p.straying()
		p.run(3*timeout, p.willing)
		states := p.news("state")
		if len(states) != 2 {
			p.t.Fatalf("the state was sent %d times: %s", len(states), p.script(p.seen))
		}
		p.between("the first", states[0].at.Mono-stray.at.Mono, timeout, timeout+3000)
		p.between("the second", states[1].at.Mono-stray.at.Mono, timeout+batchMs, timeout+batchMs+3000)
		for _, s := range states {
			if s.says("n") != 1.0 {
				p.t.Fatalf("sent %v", s.data)
			}
		}
		p.stands(call, "held")
		p.none("schedule")
	})
}

func TestStateThatIsSentAgainIsVerifiedAtOnce(t *testing.T) {
	inFamilies(t, func(p *page) {
		call, _ := p.straying()
		for len(p.news("state")) == 0 {
			p.run(100, p.but("state", nil))
		}
		p.seen = len(p.sent)
		p.grant("state")
		if s := p.of("refresh"); s.at != p.now || p.keeps[call].over {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
	})
}

func TestStrayThatCannotBeCancelledStillCountsAsFiring(t *testing.T) {
	for name, answer := range map[string]*reply{"unanswered": nil, "refused for good": {status: 403}, "a passing fault": {status: 502}} {
		t.Run(name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call, stray := p.straying()
				// The receipt comes when the leave may have fired already.
				p.run(timeout-(p.now.Mono-stray.at.Mono)-500, p.willing)
				p.reply(stray, p.receipt(stray, 9))
				p.run(3*timeout, p.but("cancel", answer))
				if n := len(p.news("state")); n == 0 {
					p.t.Fatalf("the leave may be in the room: sent %s", p.script(p.seen))
				}
				p.stands(call, "held")
			})
		})
	}
}

func TestStrayThatWasCancelledFiresNoMore(t *testing.T) {
	for _, test := range []struct {
		name   string
		after  float64 // ms from its post to its receipt
		answer reply
	}{
		{"gone before its time", timeout - 2000, spent},
		{"cancelled at the last moment", timeout + 500, ok200},
	} {
		t.Run(test.name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call, stray := p.straying()
				p.run(test.after-(p.now.Mono-stray.at.Mono), p.willing)
				p.reply(stray, p.receipt(stray, 9))
				p.run(3*timeout, p.but("cancel", &test.answer))
				p.none("state")
				p.stands(call, "held")
			})
		})
	}
}

func TestNewHoldOnTheSameKeyTakesThePlaceOfTheOld(t *testing.T) {
	inFamilies(t, func(p *page) {
		old := p.echoed()
		other := p.hold("stateKey", "another")
		p.grant("schedule", "state", "refresh")
		p.echo()
		p.seen = len(p.sent)
		call := p.hold("content", message{"n": 2})
		p.stands(old, "displaced")
		p.run(1000, p.willing)
		p.ends(old, "displaced")
		if n := p.news("cancel"); len(n) != 1 || n[0].id != "sec1" {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
		p.succeeds(call)
		p.stands(call, "held")
		p.stands(other, "held")
		p.echo()
		p.seen = len(p.sent)
		p.run(10*timeout, p.willing)
		for _, s := range p.news("refresh") {
			if s.id == "sec1" {
				p.t.Fatal("the old leave is refreshed")
			}
		}
		p.none("state", "schedule")
	})
}

func TestOldLeaveThatIsNotCancelledCountsAsFiring(t *testing.T) {
	inFamilies(t, func(p *page) {
		p.held()
		refreshed := p.now.Mono
		p.skip(3000)
		call := p.hold("content", message{"n": 2})
		p.seen = len(p.sent)
		p.run(3*timeout, p.but("cancel", nil))
		states := p.news("state")
		if len(states) < 2 {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
		for _, s := range states {
			if s.says("n") != 2.0 {
				p.t.Fatalf("sent %v", s.data)
			}
		}
		p.between("the state", states[1].at.Mono-refreshed, timeout, timeout+13000)
		p.stands(call, "held")
	})
}

func TestNewHoldWhileTheOldOneStartsTakesItsPlace(t *testing.T) {
	for _, granted := range stages {
		inFamilies(t, func(p *page) {
			old := p.hold()
			p.grant(granted...)
			call := p.hold("content", message{"n": 2})
			p.run(20000, p.willing)
			if k, o := p.keeps[old], p.ended[old]; !k.over || o.ok != (len(granted) == 3) {
				p.t.Fatalf("the old start was settled with %v, over %v", o, k.over)
			}
			p.succeeds(call)
			p.stands(call, "held")
			p.says(2)
		})
	}
}

func TestHoldsOfOtherRoomsTypesAndKeysDoNotTakeEachOthersPlace(t *testing.T) {
	p := negotiated(t, protocol.Futures, append(everything[:len(everything):len(everything)],
		protocol.CapTimeline+"!other", protocol.CapSendState+"other.type"), withServer)
	calls := []int32{p.hold(), p.hold("roomId", "!other"), p.hold("type", "other.type"), p.hold("stateKey", "")}
	p.run(timeout, p.willing)
	for _, call := range calls {
		p.stands(call, "held")
	}
	if p.pending("cancel") != nil || len(p.news("cancel")) > 0 {
		t.Fatalf("sent %s", p.script(0))
	}
}
