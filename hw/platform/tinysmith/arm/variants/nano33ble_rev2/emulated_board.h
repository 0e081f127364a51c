#pragma once
#include "../nano33ble/emulated_board.h"
