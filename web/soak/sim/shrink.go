package sim

// Shrink looks for a smaller plan that breaks the same invariant: it leaves
// items out, many at first and then one by one, as long as the violation stays
// (delta debugging), and ends the plan soon after the violation. tries bounds
// the runs it may take.
func Shrink(plan *Plan, name Invariant, tries int) *Plan {
	s := shrinker{name: name, tries: tries}
	best := *plan
	if v := s.breaks(&best); v != nil {
		best = *cut(&best, v.Ms)
	}
	for size := (len(best.Items) + 1) / 2; size >= 1; size /= 2 {
		for at := 0; at < len(best.Items); {
			smaller := best
			smaller.Items = append(append([]Item(nil), best.Items[:at]...), best.Items[min(at+size, len(best.Items)):]...)
			if v := s.breaks(&smaller); v != nil {
				best = *cut(&smaller, v.Ms)
			} else {
				at += size
			}
		}
	}
	return &best
}

type shrinker struct {
	name  Invariant
	tries int
}

// breaks runs the plan and returns the violation looked for.
func (s *shrinker) breaks(plan *Plan) *Violation {
	if s.tries == 0 {
		return nil
	}
	s.tries--
	report := Run(plan, Options{Look: []Invariant{s.name}})
	for i := range report.Violations {
		if report.Violations[i].Name == s.name {
			return &report.Violations[i]
		}
	}
	return nil
}

// cut drops what begins after the violation.
func cut(plan *Plan, ms float64) *Plan {
	out := *plan
	out.Items = nil
	for _, item := range plan.Items {
		if item.At <= ms {
			out.Items = append(out.Items, item)
		}
	}
	return &out
}

// Numbers lists the items of a plan by their numbers.
func (p *Plan) Numbers() []int {
	var list []int
	for _, item := range p.Items {
		list = append(list, item.N)
	}
	return list
}
