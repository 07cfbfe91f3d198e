package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const exports = "literllm:engine/engine@0.1.0#"

// Refusal is the core's no: an error document. The instance lives.
type Refusal struct{ Document string }

// Error is the document.
func (r *Refusal) Error() string { return r.Document }

// Death is a trap, or an answer that is none. Nothing may be asked of the instance again: after a trap it still
// answers, and nobody knows what.
type Death struct{ Cause string }

// Error is the cause.
func (d *Death) Error() string { return d.Cause }

// Instance is one living core. It serves one caller at a time.
type Instance struct {
	module  api.Module
	memory  api.Memory
	realloc api.Function

	clientCreate, clientSnapshot           verb
	callStart, callHead, callBody, callEnd verb
	callFailed, callWake, callCancel       verb
	callSnapshot, callRestore              verb
	clientDrop, callDrop                   api.Function

	// Parameters, and what comes back in their place.
	stack [8]uint64
	laid  params
}

// verb is a function with an answer, and what frees that answer.
type verb struct{ call, free api.Function }

// background is the context of every crossing: a crossing is short, and half of one would leave the core in doubt.
var background = context.Background()

// New makes an instance, or dies in the attempt.
func (m *Module) New() (*Instance, error) {
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	module, err := m.runtime.InstantiateModule(background, m.compiled, config)
	if err != nil {
		return nil, &Death{firstLine(err)}
	}
	i := &Instance{module: module, memory: module.Memory()}
	var missing error
	find := func(name string) api.Function {
		function := module.ExportedFunction(name)
		if function == nil && missing == nil {
			missing = &Death{fmt.Sprintf("it does not export %s: host and core are not of one version", name)}
		}
		return function
	}
	find2 := func(name string) verb {
		return verb{find(exports + name), find("cabi_post_" + exports + name)}
	}
	i.realloc = find("cabi_realloc")
	i.clientCreate, i.clientSnapshot = find2("client-create"), find2("client-snapshot")
	i.callStart, i.callHead, i.callBody = find2("call-start"), find2("call-head"), find2("call-body")
	i.callEnd, i.callFailed = find2("call-end"), find2("call-failed")
	i.callWake, i.callCancel = find2("call-wake"), find2("call-cancel")
	i.callSnapshot, i.callRestore = find2("call-snapshot"), find2("call-restore")
	i.clientDrop, i.callDrop = find(exports+"client-drop"), find(exports+"call-drop")
	if i.memory == nil {
		missing = &Death{"it does not export its memory"}
	}
	if missing != nil {
		i.Close()
		return nil, missing
	}
	return i, nil
}

// Close frees the instance's memory.
func (i *Instance) Close() { _ = i.module.Close(background) }

// MemoryBytes is how much linear memory the instance has taken.
func (i *Instance) MemoryBytes() uint32 { return i.memory.Size() }

// ClientCreate answers with a created document. An empty restore is none.
func (i *Instance) ClientCreate(config string, instance uint32, restore string) (string, error) {
	present := uint64(0)
	if restore != "" {
		present = 1
	}
	p := i.params()
	p.text(config).number(uint64(instance)).number(present).text(restore)
	return p.ask(i.clientCreate)
}

// ClientSnapshot answers with a client-snapshot document.
func (i *Instance) ClientSnapshot(client uint64) (string, error) {
	return i.params().number(client).ask(i.clientSnapshot)
}

// ClientDrop forgets a client.
func (i *Instance) ClientDrop(client uint64) error {
	return i.params().number(client).tell(i.clientDrop)
}

// CallStart answers with a started document.
func (i *Instance) CallStart(client uint64, request, options string, nowMs, seed uint64) (string, error) {
	return i.params().number(client).text(request).text(options).number(nowMs).number(seed).ask(i.callStart)
}

// CallHead answers with a step document, as all below.
func (i *Instance) CallHead(call uint64, attempt uint32, head string, nowMs uint64) (string, error) {
	return i.params().number(call).number(uint64(attempt)).text(head).number(nowMs).ask(i.callHead)
}

// CallBody tells bytes, cut anywhere. They are copied.
func (i *Instance) CallBody(call uint64, attempt uint32, bytes []byte, nowMs uint64) (string, error) {
	return i.params().number(call).number(uint64(attempt)).bytes(bytes).number(nowMs).ask(i.callBody)
}

// CallEnd tells that a body has ended in good order.
func (i *Instance) CallEnd(call uint64, attempt uint32, nowMs uint64) (string, error) {
	return i.params().number(call).number(uint64(attempt)).number(nowMs).ask(i.callEnd)
}

// CallFailed tells a transport-failure document.
func (i *Instance) CallFailed(call uint64, attempt uint32, failure string, nowMs uint64) (string, error) {
	return i.params().number(call).number(uint64(attempt)).text(failure).number(nowMs).ask(i.callFailed)
}

// CallWake tells that the time has come; idle is the attempt that was silent, 0 for the moment of the step.
func (i *Instance) CallWake(call uint64, idle uint32, nowMs uint64) (string, error) {
	present := uint64(0)
	if idle != 0 {
		present = 1
	}
	return i.params().number(call).number(present).number(uint64(idle)).number(nowMs).ask(i.callWake)
}

// CallCancel tells that the caller gives up.
func (i *Instance) CallCancel(call uint64, nowMs uint64) (string, error) {
	return i.params().number(call).number(nowMs).ask(i.callCancel)
}

// CallSnapshot answers with a call-snapshot document.
func (i *Instance) CallSnapshot(call uint64) (string, error) {
	return i.params().number(call).ask(i.callSnapshot)
}

// CallRestore takes up a call of a call-snapshot document and answers with a started document.
func (i *Instance) CallRestore(client uint64, snapshot string, nowMs uint64) (string, error) {
	return i.params().number(client).text(snapshot).number(nowMs).ask(i.callRestore)
}

// CallDrop forgets a call.
func (i *Instance) CallDrop(call uint64) error {
	return i.params().number(call).tell(i.callDrop)
}

// params are flat parameters being laid on the stack, as the canonical ABI has them: numbers as they are, texts and
// lists as an address and a length in the core's memory. An error keeps until the call.
type params struct {
	instance *Instance
	count    int
	err      error
}

func (i *Instance) params() *params {
	i.laid = params{instance: i}
	return &i.laid
}

func (p *params) number(value uint64) *params {
	p.instance.stack[p.count] = value
	p.count++
	return p
}

func (p *params) text(text string) *params {
	// The core may take a string's bytes for UTF-8 unseen: a broken one would be undefined behaviour there.
	if !utf8.ValidString(text) && p.err == nil {
		p.err = errors.New("a string for the core is not UTF-8")
	}
	address := p.allocate(len(text))
	if p.err == nil && !p.instance.memory.WriteString(address, text) {
		p.err = &Death{"it gave out memory it does not have"}
	}
	return p.number(uint64(address)).number(uint64(len(text)))
}

func (p *params) bytes(bytes []byte) *params {
	address := p.allocate(len(bytes))
	if p.err == nil && !p.instance.memory.Write(address, bytes) {
		p.err = &Death{"it gave out memory it does not have"}
	}
	return p.number(uint64(address)).number(uint64(len(bytes)))
}

// allocate asks the core for room. Nothing needs none, and any address will do.
func (p *params) allocate(length int) uint32 {
	if p.err != nil || length == 0 {
		return 1
	}
	stack := [4]uint64{0, 0, 1, uint64(length)}
	if err := p.instance.realloc.CallWithStack(background, stack[:]); err != nil {
		p.err = &Death{firstLine(err)}
		return 1
	}
	return uint32(stack[0])
}

// tell calls a function without an answer.
func (p *params) tell(function api.Function) error {
	if p.err != nil {
		return p.err
	}
	if err := function.CallWithStack(background, p.instance.stack[:]); err != nil {
		return &Death{firstLine(err)}
	}
	return nil
}

// ask calls a function that answers result<string, string>: the address of a discriminant, an address and a length.
func (p *params) ask(verb verb) (string, error) {
	if err := p.tell(verb.call); err != nil {
		return "", err
	}
	i := p.instance
	address := uint32(i.stack[0])
	answer, ok := i.memory.Read(address, 12)
	if !ok {
		return "", &Death{"its answer lies outside its memory"}
	}
	refused := answer[0] != 0
	bytes, ok := i.memory.Read(binary.LittleEndian.Uint32(answer[4:]), binary.LittleEndian.Uint32(answer[8:]))
	if !ok || !utf8.Valid(bytes) {
		return "", &Death{"its answer is no text in its memory"}
	}
	document := string(bytes)
	i.stack[0] = uint64(address)
	if err := verb.free.CallWithStack(background, i.stack[:]); err != nil {
		return "", &Death{firstLine(err)}
	}
	if refused {
		return "", &Refusal{document}
	}
	return document, nil
}
