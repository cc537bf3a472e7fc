// The people of the vault, for the path.
//
// Threading:  the I/O thread.
// Ownership:  the parts outlive it.
// Errors:     of vault::People; what does not open is logged once.
#pragma once

#include "foundation/vault/people.h"
#include "gateway/person_names.h"

namespace pawl {

class PeopleDesk final : public PersonNames {
 public:
  PeopleDesk(Files& files, Clock& clock, Random& random, std::string data)
      : clock_(clock), random_(random), people_(files, std::move(data)) {}

  Status load();
  Result<std::string> stands_for(const std::string& name) override;
  // The name itself, where it is no pseudonym of anybody.
  std::string name_of(const std::string& recorded) const;
  vault::People& people() { return people_; }
  std::size_t size() const { return people_.size(); }

 private:
  Clock& clock_;
  Random& random_;
  vault::People people_;
};

}  // namespace pawl
