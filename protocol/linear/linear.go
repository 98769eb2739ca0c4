// Package linear is for tests: it tells work that grows with what is asked from
// work that grows with its square. The wasm never links it.
package linear

import (
	"math"
	"testing"
	"time"
)

// Check runs with n and with 4n, and takes what each run says it took: four
// times as much must take far less than sixteen times as long. The shortest of
// several runs counts, so a busy machine does not.
func Check(t *testing.T, n int, run func(n int) time.Duration) {
	t.Helper()
	for range 5 {
		least := [2]time.Duration{math.MaxInt64, math.MaxInt64}
		for range 5 {
			least[0] = min(least[0], run(n))
			least[1] = min(least[1], run(4*n))
		}
		if least[1] < 9*least[0] {
			return
		}
		t.Logf("%d take %v, %d take %v", n, least[0], 4*n, least[1])
	}
	t.Error("it grows faster than what is asked")
}
