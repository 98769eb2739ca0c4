package future

import (
	"slices"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// Timeouts of these tests are 40 s: by default a refresh every 10 s.
const timeout = 40000

// times lists when the requests of a kind were posted.
func times(list []*sent) (at []float64) {
	for _, s := range list {
		at = append(at, s.at.Mono)
	}
	return at
}

func TestKeepAliveRefreshesFourTimesInATimeoutUntilItIsStopped(t *testing.T) {
	inFamilies(t, func(p *page) {
		start := p.now
		call := p.keepAlive("sec7", timeout)
		k := p.stands(call, "alive")
		if k.expiresAt != start.Wall+timeout || k.timeout != timeout {
			p.t.Fatalf("it begins with %v", k.last)
		}
		p.run(100*timeout, p.willing)
		at := times(p.news("refresh"))
		if len(at) != len(p.sent) || len(at) < 400 || len(at) > 450 || p.sent[0].id != "sec7" {
			p.t.Fatalf("%d refreshes, sent %s", len(at), p.script(0))
		}
		last := start.Mono
		for _, next := range at {
			p.between("a period", next-last, 9000, 10000)
			last = next
		}
		p.between("expiresAt", k.expiresAt-start.Wall, last-start.Mono+timeout, last-start.Mono+timeout)
		p.abort(call)
		p.ends(call, "stopped")
		n := len(p.sent)
		p.run(10*timeout, p.willing)
		if len(p.sent) != n || !slices.Equal(k.log, []string{"alive", "stopped"}) {
			p.t.Fatalf("after stop(): %s; %v", p.script(n), k.log)
		}
	})
}

func TestJitterComesFromTheSeedAndSpreads(t *testing.T) {
	at := map[float64][]float64{}
	for _, seed := range []float64{0, 0.25, 0.25, 0.9999999} {
		p := trusted(t, protocol.Delayed, func(c *Config) { c.Seed = seed })
		p.keepAlive("sec7", timeout)
		p.run(50*timeout, p.willing)
		got := times(p.news("refresh"))
		if other := at[seed]; other != nil && !slices.Equal(got, other) {
			t.Errorf("seed %v refreshes at %v and at %v", seed, got[:4], other[:4])
		}
		at[seed] = got
		periods := []float64{}
		for i := range got[1:] {
			periods = append(periods, got[i+1]-got[i])
		}
		if slices.Min(periods) > 9200 || slices.Max(periods) < 9800 {
			t.Errorf("seed %v: periods from %v to %v", seed, slices.Min(periods), slices.Max(periods))
		}
	}
	if slices.Equal(at[0][:3], at[0.25][:3]) || slices.Equal(at[0.25][:3], at[0.9999999][:3]) {
		t.Errorf("pages refresh as one: %v", at)
	}
}

func TestKeepAlivesOfOnePageDoNotRefreshAsOne(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	for _, id := range []string{"sec1", "sec2", "sec3"} {
		p.keepAlive(id, timeout)
	}
	p.run(10*timeout, p.willing)
	same := 0
	at := times(p.news("refresh"))
	for i := range at[1:] {
		if at[i] == at[i+1] {
			same++
		}
	}
	if same > 2 || len(at) < 120 {
		t.Fatalf("%d of %d refreshes came together with another", same, len(at))
	}
}

func TestTwoRefreshesInARowMayFailBeforeTheServersTimerRunsOut(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.keepAlive("sec7", timeout)
		p.run(timeout-1, silent)
		if n := len(p.news("refresh")); n < 3 {
			p.t.Fatalf("%d refreshes within the timeout", n)
		}
		p.refuse("refresh", ok200)
		p.stands(call, "alive")
	})
}

func TestResumedFutureIsRefreshedWhenItsPeriodIsOver(t *testing.T) {
	for _, test := range []struct {
		name     string
		left     float64 // until expiresAt
		from, to float64
		status   string
	}{
		{"refreshed just now", timeout, 9000, 10000, "alive"},
		{"refreshed 4 s ago", timeout - 4000, 5000, 6000, "alive"},
		{"refreshed 15 s ago", timeout - 15000, 0, 0, "alive"},
		{"as good as expired", 1, 0, 0, "alive"},
		{"expired", -1, 0, 0, "maybeExpired"},
		{"expired long ago", -1e9, 0, 0, "maybeExpired"},
		// The wall clock stepped back since: what it says is not believed.
		{"from the days to come", 1e9, 0, 0, "maybeExpired"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := trusted(t, protocol.Delayed)
			start := p.now.Mono
			call := p.keepAlive("sec7", timeout, "expiresAt", p.now.Wall+test.left)
			p.stands(call, test.status)
			p.between("the first refresh", p.until("refresh").at.Mono-start, test.from, test.to)
			p.grant("refresh")
			p.stands(call, "alive")
		})
	}
}

func TestFutureOfUnknownAgeIsRefreshedAtOnce(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.keepAlive("sec7", timeout, "expiresAt", nil)
		p.sees("refresh sec7")
		posted := p.now.Wall
		p.skip(300)
		p.grant("refresh")
		if k := p.stands(call, "alive"); k.expiresAt != posted+timeout {
			p.t.Fatalf("expires %v after the post", k.expiresAt-posted)
		}
	})
}

func TestMissedRefreshesAreToldAndForgivenByTheNextThatIsAnswered(t *testing.T) {
	inFamilies(t, func(p *page) {
		expires := p.now
		call := p.keepAlive("sec7", timeout)
		p.pass(10000)
		p.stands(call, "alive") // on its way, not missed
		p.pass(18000)
		p.stands(call, "atRisk")
		p.pass(timeout - 28000 - 1)
		p.stands(call, "atRisk")
		p.pass(1)
		k := p.stands(call, "maybeExpired")
		if k.expiresAt != expires.Wall+timeout {
			p.t.Fatalf("expiresAt %v", k.expiresAt)
		}
		p.pass(5 * timeout)
		p.stands(call, "maybeExpired")
		refreshes := p.news("refresh")
		last := refreshes[len(refreshes)-1]
		p.reply(last, ok200)
		if k = p.stands(call, "alive"); k.expiresAt != last.at.Wall+timeout {
			p.t.Fatalf("expires %v after the post", k.expiresAt-last.at.Wall)
		}
		if !slices.Equal(k.log, []string{"alive", "atRisk", "maybeExpired", "alive"}) {
			p.t.Fatalf("statuses %v", k.log)
		}
	})
}

func TestSlowRequestsNeverDelayTheNext(t *testing.T) {
	for overlap := 1; overlap <= 3; overlap++ {
		inFamilies(t, func(p *page) {
			p.keepAlive("sec7", timeout, "overlap", overlap)
			p.run(20*timeout, silent)
			at := times(p.news("refresh"))
			for i := range at[1:] {
				p.between("a period", at[i+1]-at[i], 0.9*10000/3, 10000)
			}
			for i := range at[overlap:] {
				p.between("what overlaps", at[i+overlap]-at[i], 0.9*10000, 1e9)
			}
		})
	}
}

// Whatever fails, and whenever: the next refresh comes no later than a period
// after the one before, or waits for the last moment before the future may go
// out, when that is less than half a period away.
func TestSlowFailuresNeverDelayTheNext(t *testing.T) {
	for _, slow := range []float64{100, 2500, 5400, 8000, 9900} {
		inKeeping(t, func(p *page, call int32, good string) {
			p.seen = len(p.sent)
			var due []*sent
			for range 1600 {
				p.pass(100)
				for _, s := range p.news("refresh") {
					if !s.answered && !s.asked && p.now.Mono-s.at.Mono >= slow {
						s.asked = true
						due = append(due, s)
					}
				}
				for _, s := range due {
					p.reply(s, reply{status: 502})
				}
				due = nil
			}
			at := times(p.news("refresh"))
			for i := range at[1:] {
				p.between("a period", at[i+1]-at[i], 3000, 14500)
			}
		})
	}
}

func TestRefreshIsMissedAtItsDeadlineOrAfterAPeriod(t *testing.T) {
	for _, test := range []struct {
		options []any
		missed  float64 // ms after the post
	}{
		{nil, 10000},
		{[]any{"everyMs", 4000}, 4000},
		{[]any{"everyMs", 4000, "overlap", 1}, 4000},
		{[]any{"attemptDeadlineMs", 500}, 500},
		{[]any{"attemptDeadlineMs", 15000}, 10000}, // a period is over
	} {
		inFamilies(t, func(p *page) {
			call := p.keepAlive("sec7", timeout, test.options...)
			for len(p.news("refresh")) == 0 {
				p.pass(10)
			}
			posted := p.news("refresh")[0].at.Mono
			p.pass(posted + test.missed - p.now.Mono - 1)
			p.stands(call, "alive")
			p.pass(1)
			p.stands(call, "atRisk")
			p.pass(posted + 15000 - p.now.Mono)
			if p.c.Dialect().Tokens() && len(p.hung) == 0 {
				p.t.Fatal("it never hangs up")
			}
		})
	}
}

func TestEveryMsSaysHowOften(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	p.keepAlive("sec7", timeout, "everyMs", 2500)
	p.run(100000, p.willing)
	if n := len(p.news("refresh")); n < 40 || n > 45 {
		t.Fatalf("%d refreshes", n)
	}
}

func TestAnswersOutOfOrderNeverTakeBackWhatANewerOneGave(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.keepAlive("sec7", timeout, "attemptDeadlineMs", 15000)
		p.pass(20000)
		list := p.news("refresh")
		last := list[len(list)-1]
		want := last.at.Wall + timeout
		for i := range list {
			p.reply(list[len(list)-1-i], ok200)
		}
		if k := p.stands(call, "alive"); k.expiresAt != want {
			p.t.Fatalf("expiresAt went back by %v", want-k.expiresAt)
		}
	})
}

func TestOldAttemptThatFailsAfterANewerWasAnsweredIsNothingMissed(t *testing.T) {
	for name, end := range map[string]func(p *page, s *sent){
		"times out": func(p *page, s *sent) { p.pass(s.at.Mono + 15000 - p.now.Mono) },
		"refused":   func(p *page, s *sent) { p.reply(s, reply{status: 502}) },
	} {
		t.Run(name, func(t *testing.T) {
			inFamilies(t, func(p *page) {
				call := p.keepAlive("sec7", timeout, "attemptDeadlineMs", 15000)
				p.pass(15000)
				list := p.news("refresh")
				p.reply(list[len(list)-1], ok200)
				k := p.stands(call, "alive")
				before := len(k.log)
				end(p, list[0])
				if len(k.log) != before {
					p.t.Fatalf("statuses %v", k.log)
				}
			})
		})
	}
}

func TestKeepAliveSleepsBetweenItsRefreshes(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	p.keepAlive("sec7", timeout)
	p.ticks = 0
	p.run(100*timeout, p.willing)
	if n := len(p.news("refresh")); p.ticks > 3*n {
		t.Fatalf("woken %d times for %d refreshes", p.ticks, n)
	}
	p.seen, p.ticks = len(p.sent), 0
	p.run(100*timeout, silent)
	if n := len(p.news("refresh")); p.ticks > 4*n {
		t.Fatalf("woken %d times for %d unanswered refreshes", p.ticks, n)
	}
}

func TestNothingIsTakenBeforeItsTime(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	p.keepAlive("sec7", timeout)
	for range 80 {
		p.skip(100)
		p.tick()
	}
	p.sees("")
}
