// Nothing is offered to other code: libpam finds the five pam_sm_ functions by their names.
#pragma once
