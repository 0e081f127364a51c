// Pins, LEDs and Serial as the STM32 core has them.
#ifdef LED_GREEN
#define BOARD_LED LED_GREEN
#else
#define BOARD_LED PA10
#endif

volatile int edges = 0;
void onRise() { edges++; }

void setup() {
  Serial.println("lost");  // a UART that is not open
  Serial.begin(115200);
  Serial.println("heard");
  digitalWrite(D6, HIGH);  // the latch only: not an output yet
  pinMode(D2, INPUT_PULLUP);
  pinMode(D3, INPUT);
  pinMode(BOARD_LED, OUTPUT);
  attachInterrupt(digitalPinToInterrupt(D3), onRise, RISING);
  delay(20);
  pinMode(D6, OUTPUT);
  analogWrite(D5, 64);
}

void loop() {
  Serial.println(String(digitalRead(D2)) + digitalRead(D3) + " " + analogRead(A0) + " " + analogRead(A1) + " " + edges);
  digitalWrite(BOARD_LED, digitalRead(D2) == LOW ? HIGH : LOW);
  delay(100);
}
