// What a relying party calls of libfido2: reading authenticator data, and checking signatures. No device is ever opened.
#pragma once
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
