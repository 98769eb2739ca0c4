package queue

import (
	"slices"
	"testing"
)

func TestEventsComeByTheirTimeAndThoseOfOneMomentAsTheyWerePlanned(t *testing.T) {
	var q Queue[int]
	for i, at := range []float64{5, 1, 5, 3, 1, 5} {
		q.Add(at, i)
	}
	var got []int
	last := -1.0
	for {
		next, ok := q.Next()
		if !ok {
			break
		}
		at, what := q.Take()
		if at != next || at < last {
			t.Errorf("%v at %v, after %v; %v was next", what, at, last, next)
		}
		last = at
		got = append(got, what)
	}
	if want := []int{1, 4, 3, 0, 2, 5}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
