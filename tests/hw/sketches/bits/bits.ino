// Bits and bytes of numbers.
void setup() {
  Serial.begin(115200);
  unsigned int value = 0;
  bitSet(value, 0);
  bitSet(value, 7);
  bitWrite(value, 3, 1);
  bitWrite(value, 0, 0);
  Serial.println(value, BIN);
  Serial.println(String(bitRead(value, 3)) + bitRead(value, 4) + bitRead(value, 7));
  bitClear(value, 3);
  Serial.println(value);
  Serial.println(bit(10));
  Serial.println(lowByte(0xABCD), HEX);
  Serial.println(highByte(0xABCD), HEX);
  Serial.println(word(0x12, 0x34), HEX);
  Serial.println(word(0xFFEE) == 0xFFEE);
  Serial.println(B10100101 ^ B11110000, BIN);
  byte wrapped = 250;
  wrapped += 10;
  Serial.println(wrapped);
  Serial.println((byte)~0x0F, HEX);
  Serial.println(1UL << 31);
  long large = 0;
  bitSet(large, 20);
  Serial.println(large);
  Serial.println((unsigned long)(uint16_t)-1);
  Serial.println(sizeof(byte) + sizeof(boolean) + sizeof(long) + sizeof(float) + sizeof(char));
}

void loop() {}
