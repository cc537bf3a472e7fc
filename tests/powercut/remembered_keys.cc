#include "tests/powercut/remembered_keys.h"

#include <initializer_list>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/mutex.h"
#include "foundation/crypto/sha256.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::powercut {

// --wrap=SYMBOL: the program's calls of SYMBOL go to __wrap_SYMBOL; __real_SYMBOL is the product's.
using Text = std::string_view;
Result<SigningKey> real_generate(KeyKind) asm("__real__ZN4pawl10SigningKey8generateENS_7KeyKindE");
Result<SigningKey> generate(KeyKind) asm("__wrap__ZN4pawl10SigningKey8generateENS_7KeyKindE");
Result<SigningKey> real_from_pem(Text) asm(
    "__real__ZN4pawl10SigningKey8from_pemESt17basic_string_viewIcSt11char_traitsIcEE");
Result<SigningKey> from_pem(Text) asm(
    "__wrap__ZN4pawl10SigningKey8from_pemESt17basic_string_viewIcSt11char_traitsIcEE");
Result<std::string> real_sign(const SigningKey&, Text) asm(
    "__real__ZNK4pawl10SigningKey4signB5cxx11ESt17basic_string_viewIcSt11char_traitsIcEE");
Result<std::string> sign(const SigningKey&, Text) asm(
    "__wrap__ZNK4pawl10SigningKey4signB5cxx11ESt17basic_string_viewIcSt11char_traitsIcEE");
Result<PublicKey> real_from_ed25519(Text) asm(
    "__real__ZN4pawl9PublicKey12from_ed25519ESt17basic_string_viewIcSt11char_traitsIcEE");
Result<PublicKey> from_ed25519(Text) asm(
    "__wrap__ZN4pawl9PublicKey12from_ed25519ESt17basic_string_viewIcSt11char_traitsIcEE");
Result<PublicKey> real_from_jwk(const json::Value&) asm(
    "__real__ZN4pawl9PublicKey8from_jwkERKN5boost4json5valueE");
Result<PublicKey> from_jwk(const json::Value&) asm(
    "__wrap__ZN4pawl9PublicKey8from_jwkERKN5boost4json5valueE");
Verdict3 real_verify(const PublicKey&, Text, Text, Text) asm(
    "__real__ZNK4pawl9PublicKey6verifyESt17basic_string_viewIcSt11char_traitsIcEES4_S4_");
Verdict3 verify(const PublicKey&, Text, Text, Text) asm(
    "__wrap__ZNK4pawl9PublicKey6verifyESt17basic_string_viewIcSt11char_traitsIcEES4_S4_");

struct KeySequence::State {
  std::string name;
  std::map<KeyKind, std::size_t> dealt;
};

namespace {

// What was computed for an input. Forgets all when it is full: no run needs that much twice.
template <class Value>
class Memory {
 public:
  std::optional<Value> find(const std::string& input) {
    MutexLock lock(mutex_);
    const auto found = values_.find(input);
    return found == values_.end() ? std::nullopt : std::optional<Value>(found->second);
  }
  void keep(const std::string& input, const Value& value) {
    MutexLock lock(mutex_);
    if (values_.size() >= kMost) {
      values_.clear();
    }
    values_.emplace(input, value);
  }
  // `make`: Result<Value>; an error is not remembered.
  template <class Make>
  Result<Value> once(const std::string& input, Make make) {
    if (std::optional<Value> known = find(input)) {
      return *std::move(known);
    }
    Result<Value> made = make();
    if (made) {
      keep(input, *made);
    }
    return made;
  }

 private:
  static constexpr std::size_t kMost = 300'000;  // of at most 200 bytes

  Mutex mutex_;
  std::unordered_map<std::string, Value> values_ PAWL_GUARDED_BY(mutex_);
};

std::string input_of(std::initializer_list<Text> parts) {
  return std::string(view(sha256(parts)));
}

KeySequence::State*& current_sequence() {
  static KeySequence::State* current = nullptr;
  return current;
}

}  // namespace

KeySequence::KeySequence(std::string name)
    : before_(std::exchange(current_sequence(), new State{std::move(name), {}})) {}

KeySequence::~KeySequence() {
  delete std::exchange(current_sequence(), before_);
}

Result<SigningKey> generate(KeyKind kind) {
  static Memory<SigningKey> memory;
  KeySequence::State* const sequence = current_sequence();
  if (sequence == nullptr) {
    return real_generate(kind);
  }
  const std::string input = sequence->name + ":" + std::to_string(static_cast<int>(kind)) + ":" +
                            std::to_string(sequence->dealt[kind]++);
  return memory.once(input, [&] { return real_generate(kind); });
}

Result<SigningKey> from_pem(Text pem) {
  static Memory<SigningKey> memory;
  return memory.once(std::string(pem), [&] { return real_from_pem(pem); });
}

Result<std::string> sign(const SigningKey& key, Text message) {
  static Memory<std::string> memory;
  return memory.once(input_of({key.public_key().thumbprint(), message}),
                     [&] { return real_sign(key, message); });
}

Result<PublicKey> from_ed25519(Text raw) {
  static Memory<PublicKey> memory;
  return memory.once(std::string(raw), [&] { return real_from_ed25519(raw); });
}

Result<PublicKey> from_jwk(const json::Value& jwk) {
  static Memory<PublicKey> memory;
  return memory.once(json::print(jwk), [&] { return real_from_jwk(jwk); });
}

Verdict3 verify(const PublicKey& key, Text algorithm, Text message, Text signature) {
  static Memory<Verdict3> memory;
  const std::string input = input_of({key.thumbprint(), ":", algorithm, ":",
                                      std::to_string(signature.size()), ":", signature, message});
  if (memory.find(input)) {
    return Verdict3::kValid;
  }
  const Verdict3 verdict = real_verify(key, algorithm, message, signature);
  if (verdict == Verdict3::kValid) {
    memory.keep(input, verdict);
  }
  return verdict;
}

}  // namespace pawl::powercut
