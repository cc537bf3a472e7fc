#include "operators/approval/enrollment.h"

#include <gtest/gtest.h>

#include "foundation/records/names.h"
#include "operators/approval/enrollment_wire.h"
#include "tests/operators/approval/held_call.h"

namespace pawl::approval {
namespace {

class Enrolling : public testing::Test {
 protected:
  static SigningKey new_key() { return *SigningKey::generate(KeyKind::kP256); }

  Enrollment first_one() {
    Enrollment out = enroll("ada", ada_.public_key(), {"admin", "approver"});
    out.bootstrap = true;
    return out;
  }
  Enrollment enroll(std::string name, const PublicKey& key, std::vector<std::string> roles) {
    Enrollment out;
    out.operator_name = std::move(name);
    out.key = key;
    out.kid = key.thumbprint();
    out.roles = std::move(roles);
    return sent(std::move(out));
  }
  Enrollment remove(std::string name, std::string kid = "") {
    Enrollment out;
    out.verb = EnrollmentVerb::kRemove;
    out.operator_name = std::move(name);
    out.kid = std::move(kid);
    return sent(std::move(out));
  }
  Enrollment sent(Enrollment out) {
    out.by_operator = "ada";
    out.audience = kSelf;
    out.id = id_of(++number_);
    out.iat = kNow;
    out.exp = kNow + 300;
    return out;
  }

  std::optional<Code> take_token(const std::string& token, std::int64_t now = kNow) {
    const Result<Enrollment> said = verify_enrollment(token, state_.operators());
    if (!said) {
      return said.error().code;
    }
    if (Status status = decide_enrollment(state_, *said, kSelf, now); !status) {
      return status.error().code;
    }
    const EnrollmentRecord record{*said, now, token};
    const json::Value body(print_enrollment(record));
    const Result<EnrollmentRecord> read = read_enrollment(record_kind(*said), body);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(json::Value(print_enrollment(*read)), body);
    state_.apply(*read);
    return std::nullopt;
  }
  std::optional<Code> take(const Enrollment& said, const SigningKey& key, std::int64_t now = kNow) {
    return take_token(*sign_enrollment(said, key), now);
  }

  SigningKey ada_ = new_key();
  SigningKey bob_ = new_key();
  EnrolledOperators state_;
  std::uint8_t number_ = 0;
};

constexpr std::optional<Code> kTaken = std::nullopt;

TEST_F(Enrolling, TheFirstCountsOnceForALedger) {
  Enrollment no_admin = first_one();
  no_admin.roles = {"approver"};
  EXPECT_EQ(take(no_admin, ada_), Code::kInvalidParams);
  EXPECT_EQ(take(first_one(), bob_), Code::kForbidden);  // not by the key that it enrolls
  Enrollment not_first = first_one();
  not_first.bootstrap = false;
  EXPECT_EQ(take(not_first, ada_), Code::kForbidden);
  const std::string token = *sign_enrollment(first_one(), ada_);
  EXPECT_EQ(take_token(token), kTaken);
  EXPECT_TRUE(state_.founded());
  EXPECT_EQ(take_token(token), Code::kConflict);
  EXPECT_EQ(take(first_one(), ada_), Code::kConflict);
  Enrollment second = enroll("bob", bob_.public_key(), {"admin"});
  second.bootstrap = true;
  second.by_operator = "bob";
  EXPECT_EQ(take(second, bob_), Code::kConflict);
  // Nor after everybody who is enrolled was exchanged, nor from records.
  EXPECT_EQ(take(enroll("bob", bob_.public_key(), {"admin"}), ada_), kTaken);
  Enrollment ada_goes = remove("ada");
  ada_goes.by_operator = "bob";
  EXPECT_EQ(take(ada_goes, bob_), kTaken);
  EXPECT_EQ(take(first_one(), ada_), Code::kConflict);
  state_.apply({first_one(), kNow, ""});
  EXPECT_EQ(state_.find(ada_.public_key().thumbprint()), nullptr);
}

TEST_F(Enrolling, OnlyAnAdminEnrolls) {
  EXPECT_EQ(take(first_one(), ada_), kTaken);
  EXPECT_EQ(take(enroll("bob", bob_.public_key(), {"approver"}), ada_), kTaken);
  const SigningKey carol = new_key();
  Enrollment by_bob = enroll("carol", carol.public_key(), {"approver"});
  by_bob.by_operator = "bob";
  EXPECT_EQ(take(by_bob, bob_), Code::kForbidden);
  Enrollment as_ada = enroll("carol", carol.public_key(), {"approver"});
  EXPECT_EQ(take(as_ada, bob_), Code::kForbidden);
  EXPECT_EQ(take(as_ada, carol), Code::kForbidden);
  std::string forged = *sign_enrollment(as_ada, ada_);
  const std::size_t at = forged.rfind('.') + 4;
  forged[at] = forged[at] == 'A' ? 'B' : 'A';
  EXPECT_EQ(take_token(forged), Code::kBadSignature);
  // Who was removed enrolls nobody.
  Enrollment admin = enroll("bob", bob_.public_key(), {"admin"});
  EXPECT_EQ(take(admin, ada_), kTaken);
  EXPECT_EQ(take(remove("bob"), ada_), kTaken);
  by_bob.id = id_of(200);
  EXPECT_EQ(take(by_bob, bob_), Code::kForbidden);
}

TEST_F(Enrolling, OneMemberWrongEachIsRefused) {
  EXPECT_EQ(take(first_one(), ada_), kTaken);
  const struct {
    const char* name;
    void (*change)(Enrollment&);
    Code code;
  } cases[] = {
      {"another instance", [](Enrollment& e) { e.audience += "2"; }, Code::kTokenInvalid},
      {"expired", [](Enrollment& e) { e.iat = kNow - 301, e.exp = kNow - 1; }, Code::kTokenInvalid},
      {"from the future", [](Enrollment& e) { e.iat = kNow + 31, e.exp = kNow + 60; },
       Code::kTokenInvalid},
      {"lives too long", [](Enrollment& e) { e.exp = kNow + 301; }, Code::kTokenInvalid},
      {"ends before it begins", [](Enrollment& e) { e.iat = kNow + 2, e.exp = kNow + 1; },
       Code::kTokenInvalid},
      {"counted", [](Enrollment& e) { e.id = id_of(1); }, Code::kConflict},
      {"no name", [](Enrollment& e) { e.operator_name.clear(); }, Code::kInvalidParams},
      {"a name with a space", [](Enrollment& e) { e.operator_name = "a b"; }, Code::kInvalidParams},
      {"no roles", [](Enrollment& e) { e.roles.clear(); }, Code::kInvalidParams},
      {"an empty role", [](Enrollment& e) { e.roles = {""}; }, Code::kInvalidParams},
      {"a passkey without credential",
       [](Enrollment& e) {
         e.passkey = Passkey{"", "example.org"};
       },
       Code::kInvalidParams},
      {"in another's name", [](Enrollment& e) { e.by_operator = "eve"; }, Code::kForbidden},
  };
  for (const auto& c : cases) {
    Enrollment said = enroll("bob", bob_.public_key(), {"approver"});
    c.change(said);
    EXPECT_EQ(take(said, ada_), c.code) << c.name;
  }
  EXPECT_EQ(state_.operators().size(), 1U);
  const SigningKey ed25519 = *SigningKey::generate(KeyKind::kEd25519);
  Enrollment of_ed = enroll("bob", ed25519.public_key(), {"approver"});
  EXPECT_EQ(take(of_ed, ada_), Code::kInvalidParams);
  of_ed.passkey = Passkey{"Y3JlZGVudGlhbA", "example.org"};
  EXPECT_EQ(take(of_ed, ada_), kTaken);
  ASSERT_NE(state_.passkey_of(of_ed.kid), nullptr);
}

TEST_F(Enrolling, OnePersonHasSeveralKeysAndAKeyOnePerson) {
  EXPECT_EQ(take(first_one(), ada_), kTaken);
  EXPECT_EQ(take(enroll("bob", ada_.public_key(), {"approver"}), ada_), Code::kConflict);
  EXPECT_EQ(take(enroll("bob", bob_.public_key(), {"approver"}), ada_), kTaken);
  for (std::size_t i = 1; i < EnrolledOperators::kMostKeys; ++i) {
    EXPECT_EQ(take(enroll("bob", new_key().public_key(), {"approver"}), ada_), kTaken);
  }
  EXPECT_EQ(take(enroll("bob", new_key().public_key(), {"approver"}), ada_), Code::kOverloaded);
  EXPECT_EQ(take(enroll("bob", bob_.public_key(), {"viewer"}), ada_), kTaken);
  EXPECT_EQ(state_.find(bob_.public_key().thumbprint())->roles, std::vector<std::string>{"viewer"});
  EXPECT_EQ(take(remove("bob", ada_.public_key().thumbprint()), ada_), Code::kNotFound);
  EXPECT_EQ(take(remove("bob", bob_.public_key().thumbprint()), ada_), kTaken);
  EXPECT_EQ(state_.keys_of("bob"), EnrolledOperators::kMostKeys - 1);
  EXPECT_EQ(take(remove("bob"), ada_), kTaken);
  EXPECT_EQ(state_.keys_of("bob"), 0U);
  EXPECT_EQ(take(remove("bob"), ada_), Code::kNotFound);
}

TEST_F(Enrolling, AnAdminIsLeft) {
  EXPECT_EQ(take(first_one(), ada_), kTaken);
  EXPECT_EQ(take(remove("ada"), ada_), Code::kConflict);
  EXPECT_EQ(take(enroll("ada", ada_.public_key(), {"approver"}), ada_), Code::kConflict);
  EXPECT_EQ(take(enroll("bob", bob_.public_key(), {"admin"}), ada_), kTaken);
  EXPECT_EQ(take(remove("ada"), ada_), kTaken);
}

TEST_F(Enrolling, IsReadFromItsSnapshot) {
  EXPECT_EQ(take(first_one(), ada_), kTaken);
  Enrollment bob = enroll("bob", bob_.public_key(), {"approver"});
  bob.passkey = Passkey{"Y3JlZGVudGlhbA", "example.org"};
  EXPECT_EQ(take(bob, ada_), kTaken);
  const json::Value printed(state_.print());
  const Result<EnrolledOperators> read = EnrolledOperators::read(printed);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(json::Value(read->print()), printed);
  EXPECT_TRUE(read->founded());
  EXPECT_TRUE(read->counted(bob.id));
  EXPECT_EQ(read->passkey_of(bob.kid)->rp_id, "example.org");
  json::Object not_founded = state_.print();
  not_founded.erase("founded");
  EXPECT_FALSE(EnrolledOperators::read(json::Value(not_founded)));
  json::Object more = state_.print();
  more["other"] = 1;
  EXPECT_FALSE(EnrolledOperators::read(json::Value(more)));
  // A statement is forgotten when it is past.
  Enrollment late = enroll("bob", bob_.public_key(), {"viewer"});
  late.iat = kNow + 400;
  late.exp = kNow + 500;
  EXPECT_EQ(take(late, ada_, kNow + 400), kTaken);
  EXPECT_FALSE(state_.counted(bob.id));
  EXPECT_EQ(take(bob, ada_, kNow + 400), Code::kTokenInvalid);
}

TEST_F(Enrolling, AStatementHasItsClaimsOnly) {
  const std::string good = *sign_enrollment(first_one(), ada_);
  const json::Object payload = jose::decode(good)->payload.get_object();
  const auto sign = [&](const json::Object& claims) {
    return *jose::sign(ada_, names::kTypEnrollment, ada_.public_key().thumbprint(),
                       json::print(claims));
  };
  EXPECT_TRUE(verify_enrollment(sign(payload), {}));
  for (const auto& member : payload) {
    json::Object less = payload;
    less.erase(member.key());
    const Result<Enrollment> read = verify_enrollment(sign(less), {});
    EXPECT_TRUE(!read && read.error().code == Code::kTokenInvalid) << member.key();
  }
  json::Object more = payload;
  more["scope"] = "all";
  EXPECT_FALSE(verify_enrollment(sign(more), {}));
  json::Object in_it = payload;
  in_it["enrollment"].get_object()["scope"] = "all";
  EXPECT_FALSE(verify_enrollment(sign(in_it), {}));
  EXPECT_FALSE(verify_enrollment(
      *jose::sign(ada_, names::kTypOverride, ada_.public_key().thumbprint(), json::print(payload)),
      {}));
}

}  // namespace
}  // namespace pawl::approval
