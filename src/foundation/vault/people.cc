#include "foundation/vault/people.h"

#include <utility>

#include "foundation/crypto/wipe.h"

namespace pawl::vault {

Status People::load() {
  const Result<std::vector<std::string>> objects = vault_.names(kPersonArea);
  if (!objects) {
    return fail(objects.error());
  }
  for (const std::string& object : *objects) {
    Result<std::string> content = vault_.get(object);
    const Result<Person> person = content ? read_person(*content) : fail(content.error());
    if (content) {
      wipe(*content);
    }
    if (person) {
      const std::string pseudonym = pseudonym_of(*person);
      pseudonyms_[person->name] = pseudonym;
      names_[pseudonym] = person->name;
    } else if (person.error().code != Code::kNotFound) {  // that is: erased
      unusable_.push_back({person.error().code, object + ": " + person.error().message});
    }
  }
  return {};
}

Result<std::string> People::pseudonym(const std::string& name, WallTime now, Random& random) {
  const auto known = pseudonyms_.find(name);
  if (known != pseudonyms_.end()) {
    return known->second;
  }
  if (pseudonyms_.size() >= kMaxPeople) {
    return fail(Code::kTooLarge, "the vault has " + std::to_string(kMaxPeople) + " people");
  }
  Person person = make_person(name, random);
  const WipedAtEnd wiped(person.key);
  std::string made = pseudonym_of(person);
  std::string content = print_person(person);
  const WipedAtEnd wiped_too(content);
  if (const Status added = vault_.add(person_object(made), content, now, random); !added) {
    return fail(added.error());
  }
  pseudonyms_[name] = made;
  names_[made] = name;
  return made;
}

std::string People::known_pseudonym(const std::string& name) const {
  const auto found = pseudonyms_.find(name);
  return found != pseudonyms_.end() ? found->second : "";
}

std::string People::name_of(const std::string& pseudonym) const {
  const auto found = names_.find(pseudonym);
  return found != names_.end() ? found->second : "";
}

void People::forget(const std::string& name) {
  names_.erase(known_pseudonym(name));
  pseudonyms_.erase(name);
}

}  // namespace pawl::vault
