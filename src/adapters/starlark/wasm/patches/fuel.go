package starlark

// Deterministic limits that also count inside builtins. State is package-level: an instance is one thread and
// evaluates one program at a time.

import (
	"errors"
	"fmt"
	"math"

	"go.starlark.net/syntax"
)

// MaxAlloc bounds a single repeat (x * n), in bytes; a sixteenth of it in elements.
var MaxAlloc uint = 1 << 30

// MaxIntBits bounds integers; 0 means no bound.
var MaxIntBits = 0

// DictAttrs makes d.key mean d["key"] when d has that key (own key first, then methods).
var DictAttrs = false

var (
	fuel         int64 = math.MaxInt64
	fuelThread   *Thread
	fuelPosition syntax.Position
)

// ErrFuel is returned (wrapped in an EvalError) once the fuel is used up.
var ErrFuel = errors.New("step limit exceeded")

// SetFuel begins an evaluation by the thread.
func SetFuel(n int64, thread *Thread) {
	fuel, fuelThread, fuelPosition = n, thread, syntax.Position{}
}

// Fuel is what is left; negative once more was asked for.
func Fuel() int64 { return fuel }

// FuelPosition is where the program was when the fuel ran out.
func FuelPosition() syntax.Position { return fuelPosition }

// Burn charges n units and is false once none is left.
func Burn(n int) bool {
	if fuel -= int64(n); fuel < 0 {
		outOfFuel()
		return false
	}
	return true
}

func outOfFuel() {
	fuel = -1
	if fuelThread != nil {
		fuelPosition = InnermostPosition(fuelThread.CallStack())
		fuelThread = nil
	}
}

// MustBurn is Burn for code that cannot return an error: it unwinds with ErrFuel.
func MustBurn(n int) {
	if !Burn(n) {
		panic(ErrFuel)
	}
}

// InnermostPosition is that of the innermost frame which has one.
func InnermostPosition(stack CallStack) syntax.Position {
	for i := range stack {
		if p := stack[len(stack)-1-i].Pos; p.Line > 0 {
			return p
		}
	}
	return syntax.Position{}
}

// size is the number of extra units that touching all of x once may cost.
func size(x Value) int {
	switch x := x.(type) {
	case String:
		return len(x) >> 6
	case Bytes:
		return len(x) >> 6
	case *List:
		return len(x.elems) >> 2
	case Tuple:
		return len(x) >> 2
	case *Dict:
		return x.Len() >> 1
	case *Set:
		return x.Len() >> 1
	case rangeValue: // builtins pre-size their result by Len()
		return x.len >> 2
	case Int:
		if _, b := x.get(); b != nil {
			w := b.BitLen() >> 6
			return w * w >> 5
		}
	}
	return 0
}

// callCharged calls a builtin; what goes in and what comes out is charged.
func callCharged(thread *Thread, b *Builtin, args Tuple, kwargs []Tuple) (Value, error) {
	n := 0
	if b.recv != nil {
		n = size(b.recv)
	}
	for _, a := range args {
		n += size(a)
	}
	for _, kv := range kwargs {
		n += size(kv[1])
	}
	if n != 0 {
		switch b.name {
		case "len", "type", "bool": // they look at nothing
			n = 0
		case "replace", "title", "upper", "lower", "capitalize", "repr", "split", "rsplit", "splitlines":
			n *= 3
		case "sorted", "codepoints", "elems":
			n *= 2
		}
		if !Burn(n) {
			return nil, ErrFuel
		}
	}
	result, err := b.fn(thread, b, args, kwargs)
	if _, lazy := result.(rangeValue); lazy || err != nil {
		return result, err
	}
	if !Burn(size(result)) {
		return nil, ErrFuel
	}
	return result, nil
}

func chargeBinary(x, y Value) error {
	if n := size(x) + size(y); n != 0 && !Burn(n) {
		return ErrFuel
	}
	return nil
}

// chargeResult also refuses integers that are too large. Formatting is the operator whose operands do not tell.
func chargeResult(op syntax.Token, z Value) error {
	if op == syntax.PERCENT && !Burn(size(z)) {
		return ErrFuel
	}
	if MaxIntBits > 0 {
		if i, ok := z.(Int); ok {
			if _, b := i.get(); b != nil && b.BitLen() > MaxIntBits {
				return fmt.Errorf("integer too large (more than %d bits)", MaxIntBits)
			}
		}
	}
	return nil
}

// AddCharged is x + y under the limits, for builtins.
func AddCharged(x, y Value) (Value, error) {
	if err := chargeBinary(x, y); err != nil {
		return nil, err
	}
	z, err := Binary(syntax.PLUS, x, y)
	if err == nil {
		err = chargeResult(syntax.PLUS, z)
	}
	return z, err
}

// checkDigits bounds int(text), whose cost is quadratic.
func checkDigits(n int) error {
	if MaxIntBits > 0 && n > MaxIntBits/4 {
		return fmt.Errorf("int: string of %d bytes is too long", n)
	}
	if !Burn(n * n >> 14) {
		return ErrFuel
	}
	return nil
}

// ownKey is d[name] for the attribute d.name.
func (d *Dict) ownKey(name string) (Value, bool) {
	if !DictAttrs {
		return nil, false
	}
	v, ok, err := d.Get(String(name))
	return v, ok && err == nil
}

// ownKeys are the names that ownKey finds.
func (d *Dict) ownKeys() (names []string) {
	if DictAttrs {
		for e := d.ht.head; e != nil; e = e.next {
			if s, ok := e.key.(String); ok && dictMethods[string(s)] == nil {
				names = append(names, string(s))
			}
		}
	}
	return names
}

// dictEqMapping compares a dict with another mapping type named "dict".
func dictEqMapping(x *Dict, y Value, depth int) (bool, error) {
	ym, ok := y.(interface {
		Mapping
		Len() int
	})
	if !ok || x.Len() != ym.Len() {
		return false, nil
	}
	for e := x.ht.head; e != nil; e = e.next {
		if yv, found, err := ym.Get(e.key); err != nil || !found {
			return false, err
		} else if eq, err := EqualDepth(e.value, yv, depth-1); err != nil || !eq {
			return false, err
		}
	}
	return true, nil
}
