// The number of the newest bundle of one trust domain, kept on the disk.
//
// Purpose:    whoever answers at a bundle's URL cannot bring an older bundle back by waiting for
//             a restart.
// Threading:  one thread at a time. Ownership: files outlive it.
// Errors:     open(): kMalformed (the file that was kept does not read), kIo.
//             admit(): kConflict (an older bundle, or one without a number after one with), kIo
//             (its number cannot be kept: it is not taken).
// Not errors: no file: any number is taken. A text that is no bundle is admitted, and refused by
//             whoever reads it.
// Format:     docs/formats/trust_bundle.md, "The number that is kept".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/files.h"
#include "infrastructure/identity/jwks_source.h"

namespace pawl::identity {

class BundleNumber {
 public:
  // `folder` is made with the first number. kMalformed: of what is wrong with the file.
  static Result<std::unique_ptr<BundleNumber>> open(Files& files, std::string folder,
                                                    std::string domain);
  // A higher number is durable when this returns.
  Status admit(std::string_view bundle);

 private:
  BundleNumber(Files& files, std::string folder, std::string domain);
  Status read();
  Status keep(std::int64_t number);

  Files& files_;
  const std::string folder_, domain_, path_;
  std::optional<std::int64_t> newest_;
};

// A fetch of the domain's bundles that finds none where `number` admits none. One at a time.
Fetch admitted(Fetch fetch, std::shared_ptr<BundleNumber> number);

}  // namespace pawl::identity
