#include "foundation/keys/key_place.h"

#include <utility>

#include "foundation/crypto/held_key.h"
#include "foundation/keys/key_file.h"
#include "foundation/keys/private_file.h"

namespace pawl {
namespace {

std::string kid_of(const SigningKey& key) {
  return key.public_key().thumbprint();
}

// In place of a holder that this process was not told of.
class NobodyHere : public KeyHolder {
 public:
  explicit NobodyHere(std::string why) : why_(std::move(why)) {}
  Result<std::string> sign(std::string_view) const override { return fail(Code::kNotFound, why_); }

 private:
  std::string why_;
};

}  // namespace

Result<PublicKey> load_jwk_file(Files& files, const std::string& path, KeyKind kind) {
  const Result<std::string> text = read_private_file(files, path);
  if (!text) {
    return fail(text.error());
  }
  const Result<json::Parsed> parsed = json::parse(*text);
  Result<PublicKey> key = parsed ? PublicKey::from_jwk(parsed->value) : fail(parsed.error());
  if (key && key->kind() != kind) {
    return fail(Code::kMalformed, path + ": expected " + std::string(kind_name(kind)));
  }
  return key ? key : fail_at(path, key.error());
}

std::string jwk_file_text(const PublicKey& key) {
  return key.to_jwk() + "\n";
}

bool KeyPlace::stands() const {
  return files_.exists(pem_) || files_.exists(jwk_);
}

Result<std::optional<SigningKey>> KeyPlace::held_in_file() const {
  Result<SigningKey> key = load_key_file(files_, pem_, kind_);
  if (!key && key.error().code == Code::kNotFound) {
    return std::optional<SigningKey>();
  }
  return key ? Result<std::optional<SigningKey>>(*std::move(key)) : fail(key.error());
}

Result<std::optional<PublicKey>> KeyPlace::named() const {
  Result<PublicKey> key = load_jwk_file(files_, jwk_, kind_);
  if (!key && key.error().code == Code::kNotFound) {
    return std::optional<PublicKey>();
  }
  return key ? Result<std::optional<PublicKey>>(*std::move(key)) : fail(key.error());
}

Status KeyPlace::put(const SigningKey& key, bool is_held) const {
  if (!is_held) {
    if (Status written = write_file(files_, pem_, key.to_pem()); !written) {
      return written;
    }
    if (!files_.exists(jwk_)) {
      return {};
    }
  }
  Status named = write_file(files_, jwk_, jwk_file_text(key.public_key()));
  if (named && is_held) {
    static_cast<void>(files_.remove(pem_));  // else the next start finds and removes it
  }
  return named;
}

Result<KeyPlace::Chosen> KeyPlace::choose(const Offer& offer) const {
  const Result<std::optional<PublicKey>> named_key = named();
  if (!named_key) {
    return fail(named_key.error());
  }
  const Result<std::optional<SigningKey>> file = held_in_file();
  if (!file) {
    return fail(file.error());
  }
  if (*named_key) {
    return choose_named(offer, **named_key, *file);
  }
  if (!*file) {
    return fail(Code::kMalformed, pem_ + ": missing from the keystore; restore it from a backup");
  }
  if (offer.is_of_file || offer.for_looking) {
    return Chosen{**file, ""};
  }
  const Given& given = offer.given.front();
  if (kid_of(given.key) != kid_of(**file)) {
    return fail(
        Code::kConflict,
        given.member + ": " + given.text + " holds key " + kid_of(given.key) +
            ", and the key in use is " + kid_of(**file) + " in " + pem_ + "; expected that one" +
            (kind_ == KeyKind::kP256 ? ", or the new one as keys.next and then `pawl keys rotate`"
                                     : ": a log's key does not change"));
  }
  if (Status written = write_file(files_, jwk_, jwk_file_text(given.key.public_key())); !written) {
    return fail(written.error());
  }
  return fail(clear_file(offer, kid_of(given.key), **file, given.text).error());
}

Result<KeyPlace::Chosen> KeyPlace::choose_named(const Offer& offer, const PublicKey& named,
                                                const std::optional<SigningKey>& file) const {
  const std::string kid = named.thumbprint();
  for (const Given& given : offer.given) {
    if (kid_of(given.key) != kid) {
      continue;
    }
    const Status cleared = file ? clear_file(offer, kid, *file, given.text) : Status{};
    return cleared ? Result<Chosen>(Chosen{given.key, given.text}) : fail(cleared.error());
  }
  const bool is_in_file = file && kid_of(*file) == kid;
  if (is_in_file && (offer.is_of_file || offer.may_go_to_file || offer.for_looking)) {
    if (offer.is_of_file && !offer.for_looking && offer.given.empty()) {
      static_cast<void>(files_.remove(jwk_));  // it was put back, and nothing else may hold it
    }
    return Chosen{*file, ""};
  }
  if (!offer.for_looking) {
    return not_given(offer, kid);
  }
  return Chosen{held_key(named, std::make_shared<NobodyHere>(
                                    "the private key of " + jwk_ + " is not here; expected its " +
                                    "source as " + member_ + " in pawl.yaml")),
                "elsewhere"};
}

tl::unexpected<Error> KeyPlace::not_given(const Offer& offer, const std::string& kid) const {
  if (offer.given.empty()) {
    return fail(Code::kNotFound, jwk_ + ": key " + kid +
                                     " is held elsewhere; expected its source " + "as " + member_ +
                                     " in pawl.yaml");
  }
  std::string found;
  for (const Given& given : offer.given) {
    found += (found.empty() ? "" : ", ") + given.member + ": " + given.text + " holds key " +
             kid_of(given.key);
  }
  return fail(Code::kConflict, found + "; expected key " + kid + ", which " + jwk_ + " names");
}

// The private key beside its source would make the source worthless.
Status KeyPlace::clear_file(const Offer& offer, const std::string& kid, const SigningKey& file,
                            const std::string& source) const {
  const std::string in_file = kid_of(file);
  if (in_file != kid && in_file == offer.prepared) {
    return {};
  }
  if (in_file != kid && offer.is_former && offer.is_former(in_file)) {
    static_cast<void>(files_.remove(pem_));
    return {};
  }
  if (in_file != kid) {
    return fail(Code::kConflict, pem_ + ": holds key " + in_file + ", and the key in use is " +
                                     kid + " of " + source + "; move the file away");
  }
  return fail(Code::kConflict, pem_ + ": the private key comes from " + source +
                                   " now; move this file to where you keep your backups, and "
                                   "start again");
}

}  // namespace pawl
