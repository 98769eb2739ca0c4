package session

import (
	"testing"
	"time"

	"github.com/widget-futures/widget-futures/protocol/linear"
)

func TestGivingUpCallsTakesEachAsLongWhereverItStands(t *testing.T) {
	for name, cfg := range map[string]Config{"waiting": {}, "in flight": {MaxInFlight: 1e6}} {
		for order, call := range map[string]func(i, n int) int32{
			"first to last": func(i, _ int) int32 { return int32(1 + i) },
			"last to first": func(i, n int) int32 { return int32(n - i) },
		} {
			t.Run(name+", "+order, func(t *testing.T) {
				linear.Check(t, MaxWaiting/4, func(n int) time.Duration {
					s := ready(t, cfg)
					s.ask(1, int32(n), Request{Late: true})
					start := time.Now()
					for i := range n {
						s.abort(call(i, n), call(i, n))
					}
					return time.Since(start)
				})
			})
		}
	}
}

func TestNegotiationsAreGivenUpEachInTheSameTime(t *testing.T) {
	linear.Check(t, MaxWaiting/4, func(n int) time.Duration {
		s := ready(t, Config{})
		for call := range n {
			s.RequestCapabilities(s.now, int32(1+call), []string{"c"}, 0)
		}
		start := time.Now()
		s.abort(1, int32(n))
		return time.Since(start)
	})
}

func TestDeadlinesThatEndTogetherAreGoneThroughOnce(t *testing.T) {
	linear.Check(t, 2000, func(n int) time.Duration {
		s := ready(t, Config{MaxInFlight: 1e6})
		s.ask(1, int32(n), Request{})
		start := time.Now()
		if expired := s.pass(10000); len(expired) != n {
			t.Fatalf("%d of %d expired", len(expired), n)
		}
		return time.Since(start)
	})
}
