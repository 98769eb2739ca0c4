package sim

// event is something that will happen.
type event struct {
	at    float64
	order uint64 // of being planned: events of one moment keep it
	do    func()
}

// queue holds what will happen, as a binary heap: a seed's hour is a hundred
// thousand events, and container/heap would box each of them.
type queue struct {
	heap  []event
	count uint64
}

func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.order < o.order
}

func (q *queue) add(at float64, do func()) {
	q.count++
	q.heap = append(q.heap, event{at, q.count, do})
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

// take removes the next event.
func (q *queue) take() event {
	h := q.heap
	first, last := h[0], len(h)-1
	h[0], h[last] = h[last], event{}
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
			return first
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
