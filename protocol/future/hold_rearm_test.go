package future

import (
	"slices"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// goneAnswers are the answers to a refresh by which a server says that a future is.
var goneAnswers = map[string]reply{
	"unknown id": spent, "spent token": errcode(410, "M_UNKNOWN"), "conflict": {status: 409},
}

func TestLeaveThatWasCancelledIsScheduledAnewWithoutTheState(t *testing.T) {
	for name, answer := range goneAnswers {
		t.Run(name, func(t *testing.T) {
			inEchoed(t, func(p *page, call int32) {
				p.until("refresh")
				p.seen = len(p.sent)
				p.refuse("refresh", answer)
				k := p.stands(call, "lost")
				if k.failed() != "spent" {
					p.t.Errorf("lost with %v", k.last)
				}
				p.sees("schedule")
				posted := p.now.Wall
				p.skip(200)
				p.grant("schedule") // a receipt is as good as a refresh
				if p.stands(call, "held"); len(k.armed) != 2 || k.expiresAt != posted+timeout {
					p.t.Fatalf("armed %v, %v", k.armed, k.log)
				}
				p.run(10*timeout, p.willing)
				if len(p.news("state")) > 0 || len(p.news("schedule")) > 0 || p.news("refresh")[0].id != "sec2" {
					p.t.Fatalf("sent %s", p.script(p.seen))
				}
			})
		})
	}
}

func TestLeaveThatMayHaveFiredIsScheduledFirstThenTheStateIsSent(t *testing.T) {
	for name, late := range map[string]func(p *page){
		"by both clocks":           func(p *page) { p.pass(timeout) },
		"by the wall clock":        func(p *page) { p.now.Wall += timeout; p.tick() },
		"by the monotonic clock":   func(p *page) { p.now.Wall -= timeout; p.pass(timeout) },
		"at the very moment":       func(p *page) { p.now.Wall = p.keeps[1].expiresAt; p.tick() },
		"since the page was awake": func(p *page) { p.now.Wall += 1e8; p.happens(PageAwake) },
	} {
		t.Run(name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call := p.hold("leaveContent", message{"left": true})
				if p.c.Dialect() == protocol.Delayed {
					p.keeps[1] = p.keeps[call] // call 1 was the probe's
				}
				p.grant("schedule", "state", "refresh")
				late(p)
				p.stands(call, "maybeExpired")
				p.seen = len(p.sent)
				p.refuse("refresh", spent)
				p.stands(call, "lost")
				// Refreshes failed before: the new one may be put off.
				s := p.until("schedule")
				if len(p.news("state")) > 0 {
					p.t.Fatalf("sent %s before the new leave", p.script(p.seen))
				}
				p.skip(100)
				p.reply(s, p.receipt(s, 2))
				state := p.of("state")
				if state.says("n") != 1.0 {
					p.t.Fatalf("sent %v", state.data)
				}
				p.skip(100)
				p.grant("state")
				if p.of("refresh").id != "sec2" {
					p.t.Fatalf("sent %s", p.script(p.seen))
				}
				p.grant("refresh")
				if k := p.stands(call, "held"); len(k.armed) != 2 {
					p.t.Fatalf("armed %v", k.armed)
				}
			})
		})
	}
}

func TestServerThatCancelsOnOurOwnStateIsLivedWith(t *testing.T) {
	inFamilies(t, func(p *page) {
		server := &ownCancels{page: p, alive: map[string]bool{}}
		call := p.hold()
		p.run(1000, server.answer)
		k := p.stands(call, "held")
		p.succeeds(call)
		p.sees("schedule, state, refresh sec1, schedule")
		p.echo()
		p.run(timeout, server.answer)
		p.stands(call, "held")
		p.none("state", "schedule")
		// Updates cost a leave each; none of them counts as a loss.
		for range 12 {
			p.seen = len(p.sent)
			p.call(UpdateHold, message{"hold": call, "content": message{"n": 2}})
			p.run(500, server.answer)
			p.stands(call, "held")
			if n := len(p.news("state")); n != 1 || !server.alive[k.future()] {
				p.t.Fatalf("sent %s", p.script(p.seen))
			}
		}
	})
}

// ownCancels is a server of the June 2024 draft, or Synapse up to 1.126: a new
// state cancels the futures of its type and key, also when it is our own.
type ownCancels struct {
	*page
	alive map[string]bool
}

func (c *ownCancels) answer(s *sent) *reply {
	r := c.receipt(s, c.number(s))
	switch s.what {
	case "schedule":
		c.alive["sec"+itoa(int32(c.number(s)))] = true
	case "state":
		clear(c.alive)
	case "refresh", "cancel", "send":
		if !c.alive[s.id] {
			return &reply{status: 410, body: message{"errcode": "M_UNKNOWN"}}
		}
	}
	return &r
}

func TestThreeLossesWithinATimeoutAreArmedAgainAndTheFourthIsAFailure(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		// From the window of the start's own state write, which counts for nothing.
		p.run(2*timeout, p.willing)
		p.until("refresh")
		p.seen = len(p.sent)
		p.run(timeout, p.but("refresh", &spent))
		if n := len(p.news("schedule")); n != 3 {
			p.t.Fatalf("%d re-arms within a timeout: %s", n, p.script(p.seen))
		}
		k := p.stands(call, "failed")
		if k.failed() != "spent" || k.over {
			p.t.Fatalf("failed with %v, over %v", k.last, k.over)
		}
		p.rests()
	})
}

func TestLossesThatAreFarApartAreAlwaysArmedAgain(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		for range 12 {
			p.reply(p.until("refresh"), spent)
			p.run(timeout/2, p.willing)
			p.stands(call, "held")
		}
	})
}

func TestLossAfterAnOutageIsArmedAgainAtATimeOfItsOwn(t *testing.T) {
	var waits []float64
	for seed := range 40 {
		p := trusted(t, protocol.Delayed, func(c *Config) { c.Seed = float64(seed) / 40 })
		call := p.held()
		bad := reply{status: 502}
		p.run(2*timeout, p.but("refresh", &bad))
		p.stands(call, "maybeExpired")
		p.until("refresh")
		p.seen = len(p.sent)
		p.refuse("refresh", spent)
		p.stands(call, "lost")
		at := p.now.Mono
		p.until("schedule")
		waits = append(waits, p.now.Mono-at)
		p.grant("schedule", "state", "refresh")
		p.stands(call, "held")
	}
	slices.Sort(waits)
	if waits[0] < 0 || waits[39] >= timeout || waits[10] < timeout/10 || waits[30] < timeout/2 || waits[20] > 0.75*timeout {
		t.Fatalf("re-armed after %v", waits)
	}
}

func TestLossInSleepIsArmedAgainAtOnceThoughRefreshesFailedBefore(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		for range 3 {
			p.reply(p.until("refresh"), reply{status: 502})
		}
		p.now.Wall += timeout
		p.tick()
		p.refuse("refresh", spent)
		p.of("schedule")
		p.stands(call, "lost")
	})
}

func TestLossWithoutAnOutageIsArmedAgainAtOnce(t *testing.T) {
	inFamilies(t, func(p *page) {
		p.held()
		p.run(3*timeout, p.willing)
		p.reply(p.until("refresh"), spent)
		p.of("schedule")
	})
}

func TestRearmGoesOnThroughPassingFaults(t *testing.T) {
	for _, fault := range []reply{{status: 0}, {status: 502}, {status: 429, body: message{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 7000}}} {
		inHeld(t, func(p *page, call int32) {
			p.reply(p.until("refresh"), spent)
			for range 3 {
				at := p.now.Mono
				p.reply(p.until("schedule"), fault)
				p.until("schedule")
				if fault.status == 429 {
					p.between("the wait", p.now.Mono-at, 7000, 7000*1.25)
				}
			}
			p.grant("schedule")
			p.stands(call, "held")
		})
	}
}

func TestRearmThatIsRefusedIsAFailureThatCanBeReleased(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.reply(p.until("refresh"), spent)
		p.refuse("schedule", errcode(403, "M_UNKNOWN"))
		if k := p.stands(call, "failed"); k.over || k.failed() != "matrix" {
			p.t.Fatalf("over %v, %v", k.over, k.last)
		}
		p.seen = len(p.sent)
		release := p.call(ReleaseHold, message{"hold": call})
		p.sees("state")
		p.grant("state")
		p.released(call, release)
	})
}

func TestRearmOnAHostThatNowSendsAtOnceIsAFailure(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.reply(p.until("refresh"), spent)
		p.refuse("schedule", reply{status: 200, body: message{"room_id": room, "event_id": "$early"}})
		if k := p.stands(call, "failed"); k.failed() != "sent_immediately" {
			p.t.Fatalf("failed with %v", k.last)
		}
		if !slices.Contains(p.events, "sentimmediately $early") {
			p.t.Fatalf("events %v", p.events)
		}
		p.rests()
	})
}

func TestLossIsReportedWithTheFirstAnswerAfterIt(t *testing.T) {
	inHeld(t, func(p *page, call int32) {
		p.run(timeout, p.willing)
		first := p.until("refresh")
		first.answered = true // slow
		p.reply(p.until("refresh"), spent)
		p.stands(call, "lost")
		p.run(100, p.willing)
		p.stands(call, "held")
		n := len(p.sent)
		p.reply(first, spent) // says of the old leave what is known
		p.run(100, p.willing)
		p.stands(call, "held")
		if len(p.sent) != n {
			p.t.Fatalf("sent %s", p.script(n))
		}
	})
}
