// Keys, signatures and verdicts of ./test powercut, each computed once in the process.
//
// Purpose:    twenty thousand starts make, read and use the same few keys on mostly the same bytes;
//             nine tenths of their time went into that. The linker puts a memory in front of
//             SigningKey and PublicKey (tests/CMakeLists.txt). It answers by the whole input: key,
//             algorithm, message and signature; for every other input the product's own function is
//             asked. What a disk lost or damaged is another input.
// Threading:  any thread; a KeySequence belongs to the test's thread.
// Not errors: a key that does not parse, a signature that does not hold: never remembered.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace pawl::powercut {

// While it lives, SigningKey::generate() hands out the keys of this name in order, from the first:
// the same script has the same keys, and so the same tokens. Within one sequence no key comes
// twice, and no key is in two sequences. Without a sequence every key is new.
class KeySequence {
 public:
  explicit KeySequence(std::string name);
  ~KeySequence();
  KeySequence(const KeySequence&) = delete;
  KeySequence& operator=(const KeySequence&) = delete;

  struct State;

 private:
  State* before_;
};

}  // namespace pawl::powercut
