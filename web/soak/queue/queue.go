// Package queue is what a simulation in virtual time goes by: what will happen,
// by its time. It is a binary heap of its own, since a virtual hour is a hundred
// thousand events and container/heap would box each of them.
package queue

// Queue holds what will happen. The zero value is empty.
type Queue[T any] struct {
	heap  []entry[T]
	count uint64
}

type entry[T any] struct {
	at    float64
	order uint64 // of being planned: events of one moment keep it
	what  T
}

func (e *entry[T]) before(o *entry[T]) bool {
	return e.at < o.at || e.at == o.at && e.order < o.order
}

// Next is when the next event happens; ok is false when there is none.
func (q *Queue[T]) Next() (at float64, ok bool) {
	if len(q.heap) == 0 {
		return 0, false
	}
	return q.heap[0].at, true
}

// Add plans an event.
func (q *Queue[T]) Add(at float64, what T) {
	q.count++
	q.heap = append(q.heap, entry[T]{at, q.count, what})
	h, i := q.heap, len(q.heap)-1
	for i > 0 {
		parent := (i - 1) / 2
		if !h[i].before(&h[parent]) {
			break
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
}

// Take removes the next event; there must be one.
func (q *Queue[T]) Take() (at float64, what T) {
	h := q.heap
	first, last := h[0], len(h)-1
	h[0], h[last] = h[last], entry[T]{}
	h = h[:last]
	q.heap = h
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if h[child].before(&h[least]) {
				least = child
			}
		}
		if least == i {
			return first.at, first.what
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
