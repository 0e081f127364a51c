#include "../nano33ble/variant.cpp"
