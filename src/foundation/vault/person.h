// A person of the vault: a name, and the key that makes its pseudonym.
//
// Purpose:    records have the pseudonym; who holds the key can show whose it is, and when the key
// is
//             destroyed nobody can.
// Threading:  pure functions; randomness is given.
// Errors:     read_person: kMalformed.
// Privacy:    names and keys are in no message.
// Source:     docs/formats/pseudonyms.md.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace pawl::vault {

inline constexpr std::string_view kPersonArea = "person/";       // of objects
inline constexpr std::string_view kPseudonymPrefix = "person:";  // in records

struct Person {
  std::string name;
  std::string key;  // 32 bytes
};

Person make_person(std::string name, Random& random);
// "person:" and 22 characters: the first 16 bytes of an HMAC with the key over the name.
std::string pseudonym_of(const Person& person);
// "person:X" -> "person/X", the object that has the name; empty: `text` is no pseudonym.
std::string person_object(std::string_view text);

// The content of that object.
std::string print_person(const Person& person);
Result<Person> read_person(std::string_view content);

}  // namespace pawl::vault
