#pragma once
#include "../Stream.h"
