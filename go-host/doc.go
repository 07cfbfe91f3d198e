// Package literllm is one client for language models.
//
// It asks any provider the same way, and fails, retries, streams and counts the same way with all of them:
//
//	inference, err := literllm.Infer(ctx, "openai/gpt-4o-mini", "What is the capital of Peru?")
//	if err != nil {
//		return err
//	}
//	fmt.Println(inference.Text)
//
// What happens between a request and its answer is decided by the core, a WebAssembly module without imports that
// runs inside this process in a sandbox (wazero, no cgo). This package lends it HTTP, time and keys, and
// nothing else: a key never enters the sandbox. It is the same core, byte for byte, that the hosts of other languages run.
//
// A call that fails ends with an [*Error]: what went wrong, every attempt, whether it may have been billed, what may be done
// next. A [Call] can be saved while it runs, and [Client.Resume] goes on with it, in another process too.
//
// Requests, answers and events are plain structs that follow the contract of the project. An optional field is a
// pointer (new(0.2) makes one since Go 1.26, [Ptr] before), a choice is an interface whose types are
// listed at it, and every one of them goes to JSON and back with encoding/json.
package literllm
