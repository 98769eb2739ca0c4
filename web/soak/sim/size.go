package sim

import "reflect"

const (
	// pendingCap is what may be open: two queues of the session's MaxWaiting.
	pendingCap = 2*8192 + 1000
	// A client may hold on to so much in all its lists and maps, and to so much
	// more for each call of its busiest moment.
	rememberedCap, rememberedPerCall = 2500, 8
)

// size counts the elements of every list and map that can be reached from v.
func size(v any) int {
	seen := map[uintptr]bool{}
	return sizeOf(reflect.ValueOf(v), seen)
}

func sizeOf(v reflect.Value, seen map[uintptr]bool) (n int) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return 0
		}
		seen[v.Pointer()] = true
		return sizeOf(v.Elem(), seen)
	case reflect.Struct:
		for i := range v.NumField() {
			n += sizeOf(v.Field(i), seen)
		}
	case reflect.Map:
		n = v.Len()
	case reflect.Slice:
		n = v.Len()
		if v.Len() > 0 && holds(v.Type().Elem()) {
			for i := range v.Len() {
				n += sizeOf(v.Index(i), seen)
			}
		}
	}
	return n
}

// holds reports whether a value of the type can hold on to others.
func holds(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return true
	case reflect.Struct:
		for i := range t.NumField() {
			if holds(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}
